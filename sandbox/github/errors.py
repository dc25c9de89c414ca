"""The errors that GitHub answers, each with what varies only.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_DOCUMENTATION: Final = "https://docs.github.com/rest"


class GithubError(Exception):
    """An answer that is no success; `headers` go with it."""

    status = 500

    def __init__(
        self,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any] | str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        told: dict[str, Any] = {"message": self.message}
        if self.errors:
            told["errors"] = list(self.errors)
        return {**told, "documentation_url": _DOCUMENTATION, "status": str(self.status)}


class BadCredentialsError(GithubError):
    """The token is none of ours."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Bad credentials")


class NotFoundError(GithubError):
    """There is no such thing, or the token may not know of it: GitHub does not say which."""

    status = 404

    def __init__(self, message: str = "Not Found") -> None:
        super().__init__(message)


class ForbiddenError(GithubError):
    """The thing can be seen, but the token may not do this to it."""

    status = 403

    def __init__(self, message: str = "Must have admin rights to Repository.") -> None:
        super().__init__(message)


class ConflictError(GithubError):
    """It stands already."""

    status = 409


class InvalidBodyError(GithubError):
    """The request is no JSON object."""

    status = 400

    def __init__(self) -> None:
        super().__init__("Problems parsing JSON")


class ValidationError(GithubError):
    """The request is understood and refused: a value that is missing, taken or not allowed."""

    status = 422

    def __init__(
        self, resource: str, field: str, code: str = "invalid", message: str | None = None
    ) -> None:
        told = {"resource": resource, "code": code, "field": field}
        super().__init__(
            "Validation Failed", errors=[{**told, **({"message": message} if message else {})}]
        )


class UnprocessableError(GithubError):
    """Refused by a rule that concerns no single field."""

    status = 422


class RateLimitedError(GithubError):
    """More requests than the token has in an hour.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """

    status = 403

    def __init__(self, login: str, headers: Mapping[str, str]) -> None:
        super().__init__(f"API rate limit exceeded for user {login}.", headers=headers)


class SecondaryLimitError(GithubError):
    """Too many requests at once: wait as long as `Retry-After` says."""

    status = 403

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try "
            "again.",
            headers={"Retry-After": str(seconds)},
        )
