"""Text that goes into SQL: identifiers and string literals, quoted so that no input can leave them.

Statements with values from outside bind them instead; this is for the places that take no binding,
such as the names inside a COPY.
"""

from __future__ import annotations


def identifier(*parts: str) -> str:
    """A dotted name with each part in double quotes, so it means exactly what it says.

    https://docs.snowflake.com/en/sql-reference/identifiers-syntax#double-quoted-identifiers
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A string constant; a backslash is doubled because Snowflake reads escapes in one.

    https://docs.snowflake.com/en/sql-reference/data-types-text#string-constants
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
