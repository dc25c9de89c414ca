"""The door to what only an account's administrator may make: a workspace's warehouse and its limit.

Three procedures with their owner's rights, as SQL. What they touch follows from the workspace's
name alone, whose form they check, and the limit has a ceiling: whoever may call them can neither
name another object nor spend without end.

https://docs.snowflake.com/en/developer-guide/stored-procedure/stored-procedures-rights
"""

from typing import Final, NamedTuple

from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.sql import Sql, sql
from infra.model.workspace import WORKSPACE_SCHEMA

OPEN: Final = "WORKSPACE_OPEN"
LIMIT: Final = "WORKSPACE_LIMIT"
CLOSE: Final = "WORKSPACE_CLOSE"


class Procedure(NamedTuple):
    """A procedure; ``arguments`` are names and types."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    body: Sql
    comment: str

    def signature(self, *place: str) -> str:
        """As GRANT names it: the quoted name, and the types of the arguments."""
        types = ", ".join(kind for _, kind in self.arguments)
        return f"{quoted(*place, self.name)}({types})"


_CHECKED: Final = """DECLARE
  wrong_name EXCEPTION (-20001, 'A workspace is DEV_ and a name, or CI_ and a number.');
  wrong_limit EXCEPTION (-20002, {ceiling});
  statement VARCHAR;
  pool VARCHAR DEFAULT '"' || {prefix} || WORKSPACE || '_WH"';
  ceiling VARCHAR DEFAULT '"' || {prefix} || WORKSPACE || '_LIMIT"';
  builder VARCHAR DEFAULT '"' || {roles} || WORKSPACE || '__OWN"';
BEGIN
  IF (NOT REGEXP_LIKE(WORKSPACE, {form})) THEN
    RAISE wrong_name;
  END IF;
{work}
  RETURN WORKSPACE;
END"""
_RUN: Final = """  statement := {text};
  EXECUTE IMMEDIATE :statement;"""


def procedures(environment: Environment) -> tuple[Procedure, ...]:
    """The three of an environment."""
    who = ("WORKSPACE", "VARCHAR")
    return (
        Procedure(OPEN, (who,), _body(environment, _open(environment)), "A warehouse with a limit"),
        Procedure(
            LIMIT,
            (who, ("CREDITS", "NUMBER(38,0)")),
            _body(environment, _limit(environment)),
            "Its credits, in its whole life",
        ),
        Procedure(CLOSE, (who,), _body(environment, _close()), "Drops warehouse and limit"),
    )


def _body(environment: Environment, work: tuple[Sql, ...]) -> Sql:
    highest = environment.workspaces.max_credits
    return sql(
        _CHECKED,
        form=f"^{WORKSPACE_SCHEMA}$",
        ceiling=f"A workspace has from 1 to {highest} credits.",
        prefix=environment.prefix,
        roles=f"{environment.naming.account(environment.database.name)}__",
        work=Sql("\n".join(work)),
    )


def _run(text: str) -> Sql:
    return sql(_RUN, text=Sql(text))


def _open(environment: Environment) -> tuple[Sql, ...]:
    facts = environment.workspaces
    deployer = quoted(environment.naming.account(facts.deployer))
    size = f"WAREHOUSE_SIZE = {facts.warehouse_size} AUTO_SUSPEND = {facts.auto_suspend}"
    return (
        _run(
            "'CREATE RESOURCE MONITOR IF NOT EXISTS ' || ceiling || "
            "' WITH CREDIT_QUOTA = 1 FREQUENCY = NEVER START_TIMESTAMP = IMMEDIATELY "
            "TRIGGERS ON 75 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND'"
        ),
        _run(
            f"'CREATE WAREHOUSE IF NOT EXISTS ' || pool || ' WITH {size} AUTO_RESUME = TRUE "
            "INITIALLY_SUSPENDED = TRUE RESOURCE_MONITOR = ' || ceiling"
        ),
        _run("'GRANT USAGE ON WAREHOUSE ' || pool || ' TO ROLE ' || builder"),
        _run(f"'GRANT MONITOR ON WAREHOUSE ' || pool || ' TO ROLE {deployer}'"),
        _run(f"'GRANT MONITOR ON RESOURCE MONITOR ' || ceiling || ' TO ROLE {deployer}'"),
    )


def _limit(environment: Environment) -> tuple[Sql, ...]:
    highest = environment.workspaces.max_credits
    check = f"  IF (CREDITS < 1 OR CREDITS > {highest}) THEN\n    RAISE wrong_limit;\n  END IF;"
    text = "'ALTER RESOURCE MONITOR ' || ceiling || ' SET CREDIT_QUOTA = ' || CREDITS"
    return (Sql(check), _run(text))


def _close() -> tuple[Sql, ...]:
    return (
        _run("'DROP WAREHOUSE IF EXISTS ' || pool"),
        _run("'DROP RESOURCE MONITOR IF EXISTS ' || ceiling"),
    )
