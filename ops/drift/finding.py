"""One difference between code and account, with a name that an acceptance can repeat."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ops.access.names import Principal, Securable


class Form(StrEnum):
    """Which side lacks what."""

    UNKNOWN = "live, in no code"
    MISSING = "in code, not live"
    DIFFERENT = "differs"


class Subject(StrEnum):
    """What a finding is about."""

    OBJECT = "object"
    PROPERTY = "property"
    OWNER = "owner"
    GRANT = "grant"
    FUTURE_GRANT = "future grant"
    MEMBERSHIP = "membership"


class Finding(NamedTuple):
    """A difference."""

    form: Form
    subject: Subject
    securable: Securable
    """The object; of a future grant the kind and its place; of a membership the role."""
    holder: Principal | None = None
    """Who holds the grant or the role; the live owner."""
    privileges: tuple[str, ...] = ()
    setting: str = ""
    code: str = ""
    """What code says, where both sides say something."""
    live: str = ""
    since: datetime | None = None
    """When it was made, as the account tells."""
    by_role: str = ""
    """The role that made or granted it, as the account tells."""
    contents: int = 0
    """Objects inside an unknown database or schema, which have no finding of their own."""

    @property
    def what(self) -> str:
        """The difference in words, the same every time."""
        thing, to = str(self.securable), f"{self.holder.kind.lower()} " if self.holder else ""
        to += str(self.holder or "")
        match self.subject:
            case Subject.GRANT:
                return f"{', '.join(self.privileges)} on {thing} to {to}"
            case Subject.FUTURE_GRANT:
                kind, place = self.securable.kind.lower(), self.securable.name
                return f"{', '.join(self.privileges)} on future {kind} objects in {place} to {to}"
            case Subject.MEMBERSHIP:
                return f"{thing} to {to}"
            case Subject.OWNER:
                return f"owner of {thing}"
            case Subject.PROPERTY:
                return f"{self.setting} of {thing}"
        return thing


class Origin(NamedTuple):
    """Who made something, and when."""

    user: str
    """Empty where no history tells."""
    role: str
    when: datetime | None
    statement: str
    """As the history has it, secrets starred out by the account; empty where none tells."""
    told_by: str


class Fix(NamedTuple):
    """One way to end a finding."""

    name: str
    """``adopt``, ``revoke``, ``put back``, ``take out`` or ``accept``."""
    where: str
    """The file that the text belongs into; empty for what is run."""
    text: str
