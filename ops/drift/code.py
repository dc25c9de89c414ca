"""Code's side: what the engine deployed, over all stacks that share the account.

Three things are known beside it: what dbt and others build by a right to create that code gave
them, what lies in workspaces, and what Snowflake has by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from infra.model.naming import Naming
from ops.access import resources as engine
from ops.access.names import Path, Principal, Securable, role
from ops.access.privileges import CREATE
from ops.access.resources import Granted, Member, Object, Reach, Resource
from ops.access.system import ADMINISTRATORS

SYSTEM_ROLES: Final = frozenset({*ADMINISTRATORS, role("PUBLIC"), role("GLOBALORGADMIN")})
"""What every account has; their own grants have no grantor."""


class Rule(NamedTuple):
    """A grant on all objects of a kind in a place, existing or to come."""

    holder: Principal
    kind: str
    place: Path


class Code:
    """The resources of all stacks, by what they say of the account."""

    def __init__(
        self, stacks: Mapping[str, Sequence[Resource]], known: Iterable[Securable] = ()
    ) -> None:
        """``stacks``: resources by stack; ``known``: what stands beside them by design."""
        self.objects: dict[Securable, Object] = {}
        self.stack_of: dict[str, str] = {}
        """By URN."""
        self.known = frozenset(known)
        self.granted: dict[tuple[Principal, Securable], Granted] = {}
        self.held: dict[tuple[Principal, Securable], set[str]] = {}
        self.bulk: dict[Reach, dict[Rule, Granted]] = {Reach.ALL: {}, Reach.FUTURE: {}}
        self.members: dict[tuple[Principal, Principal], Member] = {}
        """By role and holder."""
        for stack, found in stacks.items():
            self._add(stack, found)
        self._creators = self._who_creates()

    def _add(self, stack: str, found: Sequence[Resource]) -> None:
        self.stack_of |= {resource.urn: stack for resource in found}
        for one in engine.objects(found):
            self.objects.setdefault(one.securable, one)
        for granted in engine.grants(found):
            if granted.reach is Reach.OBJECT:
                key = (granted.holder, granted.on)
                self.granted.setdefault(key, granted)
                held = self.held.setdefault(key, set())
                held |= _shown(granted)
            else:
                rule = Rule(granted.holder, granted.on.kind, granted.on.path)
                self.bulk[granted.reach][rule] = granted
        for member in engine.members(found):
            self.members[member.role, member.to] = member

    def knows(self, securable: Securable) -> bool:
        """Whether code makes the object, or it is known beside code."""
        return securable in self.objects or securable in self.known

    def allows(self, holder: Principal, on: Securable) -> set[str]:
        """The privileges that code gives on an object, also by a grant on all or future ones."""
        found = set(self.held.get((holder, on), ()))
        for rules in self.bulk.values():
            for depth in range(1, len(on.path)):
                rule = rules.get(Rule(holder, on.kind, on.path[:depth]))
                found |= _shown(rule) if rule is not None else set()
        return found

    def everything(self, holder: Principal, on: Securable) -> bool:
        """Whether code grants all privileges there, whatever they are."""
        granted = self.granted.get((holder, on))
        return granted is not None and not granted.privileges

    def may_create(self, owner: Principal, securable: Securable) -> bool:
        """Whether code lets a role of its own create such an object there: dbt's, for instance."""
        if owner in SYSTEM_ROLES or len(securable.path) != 3:
            return False
        privileges = self._creators.get((owner, securable.path[:2]), set())
        return f"{CREATE}{securable.kind}" in privileges

    def _who_creates(self) -> dict[tuple[Principal, Path], set[str]]:
        """By role and schema: what it may create, by itself or by the roles that it was given."""
        below: dict[Principal, set[Principal]] = {}
        for child, to in self.members:
            below.setdefault(to, set()).add(child)
        found: dict[tuple[Principal, Path], set[str]] = {}
        on_schemas = [(h, on.path, p) for (h, on), p in self.held.items() if on.kind == "SCHEMA"]
        direct: dict[Principal, list[tuple[Path, set[str]]]] = {}
        for holder, path, privileges in on_schemas:
            creating = {one for one in privileges if one.startswith(CREATE)}
            if creating:
                direct.setdefault(holder, []).append((path, creating))
        for start in {*below, *direct}:
            for one in _closure(start, below):
                for path, creating in direct.get(one, ()):
                    found.setdefault((start, path), set()).update(creating)
        return found


def workspaces(
    schemas: Iterable[tuple[Path, str, str]], code: Code, databases: Mapping[str, Naming]
) -> frozenset[Securable]:
    """Everything that a workspace consists of, from the register that its schema's comment is.

    Args:
        schemas: path, owner and comment of each live schema.
        code: knows the deploying role, which alone is believed.
        databases: bare names' prefixes by the foundation's database.
    """
    found: set[Securable] = set()
    for path, owner, comment in schemas:
        naming = databases.get(path[0])
        if naming is None or not _is_register(comment):
            continue
        if not code.knows(Securable("ROLE", (owner,))) or role(owner) in SYSTEM_ROLES:
            continue
        database, schema = path[0].removeprefix(naming.prefix), path[1]
        found.add(Securable("SCHEMA", path))
        found.add(Securable("WAREHOUSE", (naming.account(f"{schema}_WH"),)))
        found.add(Securable("RESOURCE MONITOR", (naming.account(f"{schema}_LIMIT"),)))
        for level in ("OWN", "READ"):
            found.add(Securable("ROLE", (naming.schema_role(database, schema, level),)))
    return frozenset(found)


def _is_register(comment: str) -> bool:
    try:
        said: Any = json.loads(comment or "")
    except ValueError:
        return False
    return isinstance(said, dict) and isinstance(said.get("workspace"), dict)


def _shown(granted: Granted) -> set[str]:
    """As SHOW GRANTS writes them."""
    return {"USAGE" if one == "IMPORTED PRIVILEGES" else one for one in granted.privileges}


def _closure(start: Principal, below: Mapping[Principal, set[Principal]]) -> set[Principal]:
    found, waiting = {start}, [start]
    while waiting:
        more = below.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found
