"""What comes into the platform beside the feeds: Marketplace shares, and files put by hand.

Vendor: https://docs.snowflake.com/en/user-guide/data-share-consumers and
https://docs.snowflake.com/en/sql-reference/sql/create-stage
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.faults import Fault, at, entries, known, listed
from infra.model.identifiers import Identifier

Provider = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*[.][A-Z][A-Z0-9_]*$")]
"""The provider's account as ``ORGANIZATION.ACCOUNT``."""


class SharedDatabase(Fact):
    """A share of the Marketplace as a database. An account can import a share once only."""

    provider: Provider
    share: Identifier
    readers: tuple[Identifier, ...] = ()
    """Roles that read all of it: a share has no finer privileges."""
    comment: str = ""

    @property
    def from_share(self) -> str:
        """The share's full name."""
        return f"{self.provider}.{self.share}"


class InternalStage(Fact):
    """A place for files that people put by hand."""

    schema_: Annotated[Identifier, Field(alias="schema")]
    readers: tuple[Identifier, ...] = ()
    writers: tuple[Identifier, ...] = ()
    """They read too."""
    comment: str = ""


def faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Roles and schemas exist, and who uses a stage can reach its schema."""
    roles, schemas = list(at(values, "roles")), list(at(values, "database", "schemas"))
    own = at(values, "database").get("name")
    for name, database in entries(values, "marketplace"):
        path = ("marketplace", name)
        if name == own:
            yield Fault(path, "the name of the platform's database", "another name")
        for index, role in enumerate(listed(database.get("readers"))):
            yield from known((*path, "readers", index), role, roles)
    for name, stage in entries(values, "stages"):
        schema = stage.get("schema")
        yield from known(("stages", name, "schema"), schema, schemas)
        for kind in ("readers", "writers"):
            for index, role in enumerate(listed(stage.get(kind))):
                place = ("stages", name, kind, index)
                yield from known(place, role, roles)
                held = at(values, "access", str(role), "schemas")
                if role in roles and schema in schemas and schema not in held:
                    yield Fault(place, f"{role!r}", f"a role with a level on {schema}")
