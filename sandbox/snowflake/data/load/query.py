"""SELECT from a stage: its files as rows with `$1`, `$2`, … and METADATA$….

https://docs.snowflake.com/en/user-guide/querying-stage
"""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from sandbox.snowflake.data.load.copy import chosen_files, file_format
from sandbox.snowflake.data.load.options import CopyOptions
from sandbox.snowflake.data.load.projection import highest_position, stage_columns
from sandbox.snowflake.data.load.relation import lend
from sandbox.snowflake.data.scope import stage_and_path
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.sql.reader import Reader


def stage_rows(table: exp.Table, tree: exp.Expr, run: Execution) -> pa.Table:
    """All records of the stage's files; the statement's `$n` become the rows' columns."""
    stage, path = stage_and_path(table.this.name, run.context)
    options = CopyOptions()
    if (pattern := table.args.get("pattern")) is not None:
        options.pattern = pattern.name
    if (name := table.args.get("format")) is not None:
        options.format_name = Reader(name.name).path()
    found = file_format(stage, options, run)
    parts: list[pa.Table] = []
    for file in chosen_files(stage, path, options, run):
        with lend(run, stage, file, found, None, highest_position(tree)) as lent:
            relation = run.session.cursor.sql(f"SELECT * FROM {lent.relation}")
            parts.append(relation.to_arrow_table())
    stage_columns(tree)
    if not parts:
        return pa.table({"C1": pa.array([], pa.string())})
    return pa.concat_tables(parts, promote_options="default")
