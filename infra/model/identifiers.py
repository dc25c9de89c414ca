"""Names that Snowflake accepts, as types, and the one way to write them in SQL.

Facts name objects in upper case without quotes, so that a name written by hand in a worksheet
finds the same object. Quoting of foreign names (mixed case, spaces) is deliberately absent: no
object of ours needs it.
"""

import re
from typing import Annotated, Final

from pydantic import StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_$]*$", max_length=200)]
"""An unquoted identifier in upper case, with room in Snowflake's 255 for a prefix and a suffix.

https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

Prefix = Annotated[str, StringConstraints(pattern=r"^([A-Z][A-Z0-9]{0,15}__)?$")]
"""What stands before every account-level name of an environment: empty, or like ``DEV__``."""

FeedName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
"""A feed in lower case: its landing folder, and in upper case its table."""

BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*[a-z0-9]$")]
"""The stem of a bucket's name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

RoleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+=,.@_-]+$", max_length=48)]
"""The stem of an IAM role's name (64 characters with the prefix)."""


PeopleFile = Annotated[str, StringConstraints(pattern=r"^people/[A-Za-z0-9_-]+[.]csv$")]
"""A file of people, below ``environments``."""


def quoted(*parts: str) -> str:
    """The dotted name with each part in double quotes, as the provider writes it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


_PART: Final = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')


def parts(text: str) -> tuple[str, ...]:
    """The parts of a dotted name, without their quotes: the reverse of `quoted`."""
    return tuple(bare or whole.replace('""', '"') for whole, bare in _PART.findall(text.strip()))
