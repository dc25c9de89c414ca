"""Branches and workflows as GitHub has them, as items: a branch that nothing holds is one too.

What could not be read is unknown, and no rule is broken by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from infra.model.rules.item import UNKNOWN, Item, Kind
from ops.access.facts import Unread
from ops.audit.report import Unseen
from ops.github.guards import APPROVING, Guard
from ops.github.names import REPOSITORY
from ops.github.standing import Standing

ALLOWED: Final = (APPROVING, "default_workflow_permissions")


def protections(guards: Iterable[Guard]) -> list[Item]:
    """An item for each branch of which anything was told."""
    return [_item(guard) for guard in guards if guard.told]


def workflows(standing: Standing) -> list[Item]:
    """What the workflows of each repository may do, as far as it was told."""
    return [
        Item(Kind.WORKFLOWS, one.repository, _told(settings), f"repositories.{one.repository}")
        for one, settings in standing.things.items()
        if one.kind == REPOSITORY
    ]


def _told(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings.get(name, UNKNOWN) for name in ALLOWED}


def unseen(unread: Iterable[Unread]) -> tuple[Unseen, ...]:
    """What GitHub did not tell, as an audit names it."""
    return tuple(Unseen(one.what, " ".join(one.why.split())) for one in unread)


def _item(guard: Guard) -> Item:
    name = f"{guard.branch} of {guard.repository}"
    place = f"repositories.{guard.repository}.protection.{guard.branch}"
    reviews = [{"required_approving_review_count": guard.reviews}] if guard.reviews else []
    checks = [{"contexts": list(guard.checks)}] if guard.checks else []
    properties: dict[str, Any] = {
        "allows_force_pushes": guard.force_push is None,
        "required_pull_request_reviews": reviews,
        "required_status_checks": checks,
        "enforce_admins": UNKNOWN if guard.untold else True,
        "passed_by": sorted(guard.passers),
    }
    return Item(Kind.BRANCH_PROTECTION, name, properties, place)
