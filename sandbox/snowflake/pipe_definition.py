"""What a pipe's COPY statement reads: the stage, the path in it, and the pattern.

Only these are read here; the statement itself is run by the data plane as it is written.
https://docs.snowflake.com/en/sql-reference/sql/create-pipe
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

_PATH = re.compile(r"/[^\s,;)'\"]*")
_QUOTED_STAGE = re.compile(r"@(?P<name>[^/]+)(?P<path>/.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files come from; `stage` may be short, `path` is a prefix without slash before."""

    stage: Path
    path: str = ""
    pattern: str | None = None

    def takes(self, name: str) -> bool:
        """Whether the pattern, if there is one, matches the file's whole name."""
        return self.pattern is None or re.fullmatch(self.pattern, name) is not None

    def resolved(self, home: Path) -> Path:
        """The stage's full path; `home` (database, schema) completes a short one."""
        return (*home[: 3 - len(self.stage)], *self.stage)


def read_source(definition: str) -> Source:
    """Read a COPY statement.

    Raises:
        CompilationError: it reads from no named stage.
    """
    reader = Reader(definition)
    stage: Path | None = None
    path, pattern = "", None
    while not reader.at_end:
        if stage is None and reader.token.kind is TokenKind.STRING:
            stage, path = _quoted(reader.advance().value)
        elif stage is None and reader.accept_symbol("@"):
            stage, path = _named(reader)
        elif reader.accept("PATTERN") and reader.accept_symbol("="):
            pattern = reader.string()
        else:
            reader.advance()
    if stage is None:
        raise CompilationError("A pipe's COPY statement must read from a named stage.")
    return Source(stage, path.lstrip("/"), pattern)


def _named(reader: Reader) -> tuple[Path, str]:
    """`@db.schema.stage/path`: the path is raw text up to the next space or bracket."""
    name = reader.path()
    raw = _PATH.match(reader.text, reader.token.start)
    if raw is None:
        return name, ""
    while not reader.at_end and reader.token.start < raw.end():
        reader.advance()
    return name, raw[0]


def _quoted(text: str) -> tuple[Path | None, str]:
    """`'@stage/path with spaces'`; another string is no stage."""
    match = _QUOTED_STAGE.fullmatch(text)
    if match is None:
        return None, ""
    return Reader(match["name"]).path(), match["path"] or ""
