"""What is tagged with what, from the facts of the environment and of its feeds.

Columns that dbt builds are absent: dbt replaces its tables, so dbt tags them, by the same names
(`dbt/macros/govern.sql`). What inherits a tag is not listed either.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import logical
from infra.model.pipelines import Feed
from infra.model.problem import Problem


class Tagging(NamedTuple):
    """One object's value of a tag.

    One resource each, and not one for all that have the value: when a value moves, the engine would
    set it by one resource and unset it by another, in an order of its own.
    """

    tag: str
    object_type: str
    key: tuple[str, ...]
    """The object's path by the facts: without the database, and without a prefix."""
    object: str
    """Its identifier, quoted and dotted."""
    value: str

    @property
    def logical_name(self) -> str:
        """Of its resource."""
        return logical(self.tag, "of", self.object_type, *self.key)


def taggings(environment: Environment, feeds: Sequence[Feed]) -> tuple[Tagging, ...]:
    """Every tagging, sorted; one is one resource."""
    return tuple(
        sorted(
            Tagging(tag, kind, key, name, value)
            for kind, key, name, tags in _tagged(environment, feeds)
            for tag, value in tags.items()
        )
    )


def problems(environment: Environment, feeds: Sequence[Feed]) -> list[str]:
    """Tags of the feeds' columns that do not exist, or do not have that value."""
    known, lines = environment.governance.tags, []
    for feed in feeds:
        for column in feed.table_columns:
            for tag, value in column.tags.items():
                file, key = f"ingestion/feeds/{feed.name}.yaml", f"columns.{column.name}.tags"
                if tag not in known:
                    allowed = f"one of {', '.join(sorted(known))}"
                    lines.append(str(Problem(file, key, f"{tag!r}", allowed)))
                elif value not in known[tag].allowed_values:
                    allowed = f"one of {', '.join(known[tag].allowed_values)}"
                    lines.append(str(Problem(file, f"{key}.{tag}", f"{value!r}", allowed)))
    return lines


def _tagged(
    environment: Environment, feeds: Sequence[Feed]
) -> Iterator[tuple[str, tuple[str, ...], str, Mapping[str, str]]]:
    naming, facts = environment.naming, environment.database
    database, landing = naming.account(facts.name), environment.landing.schema_
    yield "DATABASE", (facts.name,), quoted(database), facts.tags
    for name, schema in facts.schemas.items():
        yield "SCHEMA", (name,), quoted(database, name), schema.tags
    for name, warehouse in environment.warehouses.items():
        yield "WAREHOUSE", (name,), quoted(naming.account(name)), warehouse.tags
    for feed in feeds:
        for column in feed.table_columns:
            path = (landing, feed.table, column.name)
            yield "COLUMN", path, quoted(database, *path), column.tags
