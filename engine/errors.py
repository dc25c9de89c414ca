"""The one error of this package: what went wrong and a way on, both for a person to read."""

from typing import Final

WAY_ON_MARK: Final = "Way on:"


class EngineError(Exception):
    """The engine cannot be found, built or asked.

    `message` says what happened, `way_on` what the reader can do about it; `str()` has both.
    """

    def __init__(self, message: str, way_on: str) -> None:
        self.message = message
        self.way_on = way_on
        super().__init__(f"{message}\n{WAY_ON_MARK} {way_on}")
