"""A workspace's first content: zero-copy clones of the tables of whole layers.

They are made with the developer's own role, which so owns them: dbt replaces them later as its own.
A view cannot be cloned by itself; a view of the same name that reads it stands for it, as in
`dbt clone`. What is there already is left alone.

https://docs.snowflake.com/en/sql-reference/sql/create-clone
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cli.workspaces import account
from cli.workspaces.account import statement
from ingestion.quoting import identifier

if TYPE_CHECKING:
    from cli.workbench import Workbench


def fill(
    bench: Workbench,
    outputs: dict[str, Any],
    layers: Sequence[str],
    progress: Callable[[str], None],
) -> str:
    """Clone the layers into the workspace; what was cloned, in words."""
    config, database, schema = bench.settings.config, outputs["database"], outputs["schema"]
    where = account.place(bench.stack, config.foundation)
    tables = views = 0
    with account.opened(where, config.user, outputs["dbt"]["role"]) as connection:
        for layer in layers:
            progress(f"cloning {layer}")
            scope = f"IN SCHEMA {identifier(database, layer)}"
            for row in statement(connection, f"SHOW TABLES {scope}"):
                target = identifier(database, schema, str(row["name"]))
                source = identifier(database, layer, str(row["name"]))
                text = f"CREATE TRANSIENT TABLE IF NOT EXISTS {target} CLONE {source}"
                statement(connection, text)
                tables += 1
            for row in statement(connection, f"SHOW VIEWS {scope}"):
                target = identifier(database, schema, str(row["name"]))
                source = identifier(database, layer, str(row["name"]))
                text = f"CREATE VIEW IF NOT EXISTS {target} AS " + " ".join(
                    ("SELECT * FROM", source)
                )
                statement(connection, text)
                views += 1
    return f"{tables} tables cloned, {views} views onto the originals"
