"""What a rule sees: one object, setting or grant, in the same words from every source.

Property names are the provider's own, in snake case, as the environment files use them. A property
that is not known yet (a preview) or could not be read (an account) is `UNKNOWN`, and a rule passes
over it: what cannot be seen is neither good nor bad.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, StrEnum, auto
from typing import Any, Final, NamedTuple


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands for a value that only the update will know, or that could not be read."""


class Kind(StrEnum):
    """What an item is."""

    ACCOUNT_PARAMETER = "account parameter"
    AWS_ROLE = "IAM role"
    BRANCH_PROTECTION = "branch protection"
    BUCKET = "bucket"
    BUCKET_NOTIFICATION = "bucket notification"
    CONNECTION = "connection"
    CURRENT_ACCOUNT = "current account"
    DATABASE = "database"
    EXCEPTION = "exception"
    FAILOVER_GROUP = "failover group"
    GRANT = "grant"
    IMPORTED_DATABASE = "imported database"
    INTEGRATION = "integration"
    MASKING_POLICY = "masking policy"
    MONITOR = "resource monitor"
    NETWORK_POLICY = "network policy"
    NETWORK_RULE = "network rule"
    NOTIFICATION = "notification integration"
    OWNERSHIP = "ownership"
    PASSWORD_POLICY = auto()
    QUEUE = "queue"
    ROLE = "role"
    ROLE_GRANT = "grant of a role"
    SCHEMA = "schema"
    STAGE = "stage"
    STATEMENT = "statement"
    TABLE = "table"
    TAG = "tag"
    TAGGING = "tagging"
    USER = "user"
    WAREHOUSE = "warehouse"
    WORKFLOWS = "workflows of a repository"


class Item(NamedTuple):
    """One thing to judge."""

    kind: Kind
    name: str
    """As people know it: in the account, or for a grant who and what."""
    properties: Mapping[str, Any]
    place: str = ""
    """Its URN where the engine knows it."""
    protected: bool | None = None
    """Whether the engine refuses to delete it; None where nobody can say."""

    def get(self, name: str, default: Any = None) -> Any:
        """A property; what is absent or null is the default."""
        value = self.properties.get(name)
        return default if value is None else value


def of_kind(items: Sequence[Item], *kinds: Kind) -> Iterator[Item]:
    """The items of these kinds."""
    return (item for item in items if item.kind in kinds)


def known(*values: Any) -> bool:
    """Whether none of the values is unknown."""
    return all(value is not UNKNOWN for value in values)


def is_set(value: Any) -> bool:
    """Whether a flag is on; the provider writes some flags as text."""
    return value is True or str(value).lower() == "true"
