"""DROP TABLE and DROP VIEW."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.snowflake.data.failure import ObjectMissingError
from sandbox.snowflake.data.model import Analysis, Effect, ObjectName, Outcome, QueryContext
from sandbox.snowflake.data.scope import resolve
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.store import new_place
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.result import status
from sandbox.snowflake.sql.names import quoted


@dataclass(frozen=True)
class Drop:
    """A table or view goes; a temporary one of the session first."""

    kind: str
    path: tuple[str, ...]
    if_exists: bool

    def analyse(self, context: QueryContext) -> Analysis:
        """The object that goes."""
        name = resolve(self.path, context, "DROP")
        return Analysis(f"DROP_{self.kind}", effects=(self._effect(name, temporary=False),))

    def execute(self, run: Execution) -> Outcome:
        """Drops the object; with IF EXISTS, its absence is no error."""
        name = resolve(self.path, run.context, "DROP")
        found = run.kind_of(name)
        if found is None:
            if not self.if_exists:
                run.require_schema(name)
                raise ObjectMissingError(str(name), self.kind.capitalize())
            text = "Drop statement executed successfully"
            return Outcome(status(f"{text} ({name.name} already dropped)."))
        if found != self.kind:
            raise CompilationError(f"Object '{name}' is a {found}, not a {self.kind}.")
        temporary = name in run.session.temporary
        kept = ""
        effect = self._effect(name, temporary=temporary)
        if self.kind == "TABLE" and run.keeps(name):
            kept = new_place(name.name)
            effect = replace(effect, kept=kept)
            run.run_ddl(put_aside(run, name, kept), [effect])
        else:
            forget = [] if temporary or self.kind == "VIEW" else run.forget(name)
            run.run_ddl([*forget, f"DROP {self.kind} {run.place(name)}"], [effect])
        if temporary:
            del run.session.temporary[name], run.session.temporary_kinds[name]
        return Outcome(
            status(f"{name.name} successfully dropped."),
            effects=(effect,),
            writes=frozenset({name}),
        )

    def _effect(self, name: ObjectName, *, temporary: bool) -> Effect:
        return Effect(
            "drop",
            "VIEW" if self.kind == "VIEW" else "TABLE",
            name,
            temporary=temporary,
            if_exists=self.if_exists,
        )


def put_aside(run: Execution, name: ObjectName, place: str) -> list[str]:
    """The statements that take a table away and keep its rows under another name."""
    kept = name._replace(name=place)
    renamed = f"ALTER TABLE {run.place(name)} RENAME TO {quoted(place)}"
    return [renamed, run.store.move_table(name, kept)]
