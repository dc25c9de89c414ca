"""One request as the handlers see it, the rights it needs, and what they answer.

A right that is missing shows as GitHub shows it: who may not see a thing gets "Not Found"; who sees
it and may not change it is told so where GitHub tells it, and gets "Not Found" elsewhere.
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sandbox.github.errors import ForbiddenError, NotFoundError
from sandbox.github.store import Document, Store


class Right(IntEnum):
    """What a token may do in the organization's repositories; each includes those before it."""

    NOTHING = 0
    READ = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose token it is."""

    login: str
    id: int
    right: Right


@dataclass(frozen=True, slots=True)
class Call:
    """A request: who asks, with what, and where to look."""

    store: Store
    actor: Actor
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Document
    base_url: str
    organization: str

    @property
    def repository_key(self) -> str:
        """The key of the repository that the path names."""
        return f"{self.params['owner']}/{self.params['repo']}"

    def key(self, *parts: str) -> str:
        """The key of something in that repository."""
        return "/".join((self.repository_key, *parts))

    def repository(self, right: Right = Right.READ, *, told: bool = False) -> Document:
        """The repository of the path.

        Args:
            right: what the request needs.
            told: whether GitHub says that a right is missing, rather than "Not Found".

        Raises:
            NotFoundError: there is none, or the token may not see it or do this.
            ForbiddenError: the token may see it only, and `told`.
        """
        found = self.store.get("repository", self.repository_key)
        if found is None or (self.actor.right < Right.READ and found["private"]):
            raise NotFoundError
        if self.actor.right < right:
            raise ForbiddenError if told else NotFoundError
        return found

    def administer(self, organization: str) -> None:
        """Raises unless the organization is ours and the token administers it."""
        if organization.lower() != self.organization.lower():
            raise NotFoundError
        if self.actor.right < Right.ADMIN:
            raise ForbiddenError("Must be an organization owner or team maintainer.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; a body of None is an empty one."""

    body: Any = None
    status: int = 200


Handler = Callable[[Call], Answer]
Endpoint = tuple[str, str, Handler]
"""Method, path below the API's root in Starlette's form, and who answers."""

NO_CONTENT = Answer(status=204)


def page(call: Call, items: list[Any]) -> list[Any]:
    """The part of a list that `page` and `per_page` ask for."""
    size = min(int(call.query.get("per_page", 30)), 100)
    number = max(int(call.query.get("page", 1)), 1)
    return items[(number - 1) * size : number * size]
