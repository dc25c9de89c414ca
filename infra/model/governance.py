"""Tags, the masks that tagged columns get, and the rows that a role may see.

What a policy says is written from facts, with role names and values as literals: a review sees who
sees what, and there is no mapping table whose rows nobody reviewed.

Vendor: https://docs.snowflake.com/en/user-guide/tag-based-masking-policies and
https://docs.snowflake.com/en/user-guide/security-row-intro
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.identifiers import Identifier

TagValue = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""What an object is tagged with; what lies in it inherits that."""


class Tag(Fact):
    """A tag, and the values that it may have."""

    allowed_values: Annotated[tuple[TagValue, ...], Field(min_length=1, max_length=300)]
    comment: str = ""


class MaskedType(StrEnum):
    """Types of columns that are masked; a tag has at most one policy for each."""

    VARCHAR = "VARCHAR"
    VARIANT = "VARIANT"
    NUMBER = "NUMBER(38,0)"
    FLOAT = "FLOAT"
    DATE = "DATE"
    TIMESTAMP_NTZ = "TIMESTAMP_NTZ(9)"


class MaskingPolicy(Fact):
    """What columns of one type show to a role that may not see them plain."""

    tag: Identifier
    """Columns with this tag have the policy."""
    data_type: MaskedType
    plain_for: tuple[Identifier, ...]
    """Roles that see the value itself."""
    masked: str
    """An expression over ``VAL`` for everybody else."""
    comment: str = ""

    def body(self, plain_roles: tuple[str, ...]) -> str:
        """The policy's expression, for the roles' names in the account."""
        plain = " OR ".join(map(_in_session, plain_roles)) or "FALSE"
        return f"CASE WHEN {plain} THEN VAL ELSE {self.masked} END"


class RowAccessPolicy(Fact):
    """Rows by the value of one column. A role that is not named here sees none."""

    column: Identifier
    """The column that decides, as text."""
    everything_for: tuple[Identifier, ...]
    """Roles that see all rows."""
    values_for: Mapping[Identifier, Annotated[tuple[TagValue, ...], Field(min_length=1)]] = {}
    """For other roles: the values whose rows they see."""
    comment: str = ""

    def body(self, names: Mapping[str, str]) -> str:
        """The policy's expression; ``names`` are the roles' names in the account by ours."""
        some = (
            f"({_in_session(names[role])} AND {self.column} IN ({', '.join(map(_text, values))}))"
            for role, values in self.values_for.items()
        )
        everything = (_in_session(names[role]) for role in self.everything_for)
        return " OR ".join([*everything, *some]) or "FALSE"


class Governance(Fact):
    """The governance of an environment, in a schema of its own."""

    schema_: Annotated[Identifier, Field(alias="schema")]
    tags: Mapping[Identifier, Tag]
    masking_policies: Mapping[Identifier, MaskingPolicy] = {}
    row_access_policies: Mapping[Identifier, RowAccessPolicy] = {}


def _in_session(role: str) -> str:
    return f"IS_ROLE_IN_SESSION({_text(role)})"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
