"""The clones that the second region keeps, one a quarter: their names, and the task's statement.

A clone costs storage only as the copy moves away from it. The task makes this quarter's once and
drops those that are too old; run twice in a quarter it does nothing more.

https://docs.snowflake.com/en/sql-reference/sql/create-clone
"""

from collections.abc import Sequence
from typing import Final

from infra.model.identifiers import quoted
from infra.model.sql import Sql, sql

SCHEMA: Final = "OPERATIONS"
TASK: Final = "CLONE_EACH_QUARTER"
OLDEST: Final = 40
"""Quarters back to which older clones are looked for."""
_BLOCK: Final = """DECLARE
  quarter VARCHAR;
  statement VARCHAR;
BEGIN
  quarter := YEAR(CURRENT_DATE()) || '_Q' || QUARTER(CURRENT_DATE());
{making}
  FOR back IN {keep} TO {oldest} DO
    quarter := YEAR(DATEADD('MONTH', -3 * back, CURRENT_DATE())) || '_Q' ||
      QUARTER(DATEADD('MONTH', -3 * back, CURRENT_DATE()));
{dropping}
  END FOR;
  RETURN 'done';
END"""


def statement(databases: Sequence[str], keep: int) -> Sql:
    """What the task runs, for databases by their names in Snowflake."""
    making = "\n".join(
        f"  statement := 'CREATE DATABASE IF NOT EXISTS ' || {_clone(one)} || ' CLONE ' || "
        f"{_text(quoted(one))};\n  EXECUTE IMMEDIATE :statement;"
        for one in databases
    )
    dropping = "\n".join(
        f"    statement := 'DROP DATABASE IF EXISTS ' || {_clone(one)};\n"
        "    EXECUTE IMMEDIATE :statement;"
        for one in databases
    )
    return sql(_BLOCK, making=Sql(making), dropping=Sql(dropping), keep=keep, oldest=OLDEST)


def _clone(database: str) -> str:
    """The clone's quoted name, as an expression."""
    return f"""'"' || {_text(database)} || '_' || quarter || '"'"""


def _text(value: str) -> Sql:
    return sql("{value}", value=value)
