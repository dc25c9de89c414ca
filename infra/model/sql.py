"""SQL text from templates whose placeholders are typed: what goes in is quoted by what it is.

A `Name` becomes quoted identifiers, a text a string constant, a number or a truth its literal, a
tuple a list in parentheses, and only what was built here (`Sql`) goes in as it is. There is no
other way to put a value into a template, so no value can leave its place.

https://docs.snowflake.com/en/sql-reference/data-types-text#string-constants
https://docs.snowflake.com/en/sql-reference/identifiers-syntax#double-quoted-identifiers
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from infra.model.identifiers import quoted


class Sql(str):
    """Text that this module built."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Name:
    """An object's name, one part for each level, as the account spells it."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return quoted(*self.parts)


Value: TypeAlias = "Name | Sql | str | int | float | tuple[Value, ...]"
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


class PlaceholderError(ValueError):
    """A template and its values do not fit each other."""


def name(*parts: str) -> Name:
    """The name of an object: ``name("DB", "SCHEMA", "TABLE")``."""
    return Name(parts)


def sql(template: str, **values: Value) -> Sql:
    """The template with each ``{placeholder}`` filled by its value, quoted.

    Raises:
        PlaceholderError: a placeholder without value, or a value without placeholder.
    """
    wanted = set(_PLACEHOLDER.findall(template))
    if wanted != set(values):
        raise PlaceholderError(f"{sorted(wanted ^ set(values))} do not fit in {template!r}")
    return Sql(_PLACEHOLDER.sub(lambda found: literal(values[found.group(1)]), template))


def literal(value: Value) -> Sql:
    """The value as SQL."""
    match value:
        case Sql():
            return value
        case Name():
            return Sql(value)
        case bool():
            return Sql("TRUE" if value else "FALSE")
        case int() | float():
            return Sql(repr(value))
        case tuple():
            return Sql("(" + ", ".join(literal(item) for item in value) + ")")
    return Sql("'" + value.replace("\\", "\\\\").replace("'", "''") + "'")


def joined(pieces: Iterable[Sql], by: str) -> Sql:
    """Built pieces as one text; ``by`` is a word or a comma of the grammar."""
    return Sql(by.join(pieces))
