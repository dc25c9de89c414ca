"""One fault in the facts, in the one form that every command prints."""

from typing import NamedTuple


class Problem(NamedTuple):
    """Where, what was given, and what is allowed."""

    file: str
    key: str
    got: str
    allowed: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.key}" if self.key else self.file
        return f"{where}: got {self.got}, allowed: {self.allowed}"
