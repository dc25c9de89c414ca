"""Continuity: what must survive a mistake.

A second place has a module of its own (`replication`); branch protection is judged where it is
declared.

https://docs.snowflake.com/en/user-guide/data-availability
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from infra.model.rules.item import UNKNOWN, Item, Kind, is_set, known
from infra.model.rules.rule import Ground, Rule, Severity, Topic

ONLY_PROD: Final[dict[str, Severity | None]] = {
    "local": None,
    "dev": None,
    "personal": None,
    "ci": None,
}


def can_be_deleted(item: Item, _ground: Ground) -> Iterator[str]:
    """Something that holds data and that the engine would delete when told to."""
    if item.protected is False and not _is_external(item):
        yield "the engine would delete it, with what it holds."


def is_short_lived(item: Item, ground: Ground) -> Iterator[str]:
    """Less time travel than the environment asks for, on what cannot be built again."""
    days, least = item.get("data_retention_time_in_days"), _least(ground)
    if item.kind is Kind.SCHEMA and (days is None or is_set(item.get("is_transient"))):
        return
    if days is not UNKNOWN and (days is None or 0 <= days < least):
        shown = "no time travel of its own" if days is None else f"{int(days)} days of time travel"
        yield f"it has {shown}; the least of this environment is {least}."


def protects_little(item: Item, _ground: Ground) -> Iterator[str]:
    """A branch that can be rewritten, or changed by one person alone."""
    if item.get("target") == "tag" or not known(item.get("rules")):
        return
    ruleset = item.get("rules") is not None
    values = _mapping(item.get("rules")) if ruleset else item.properties
    reviews = values.get("pull_request" if ruleset else "required_pull_request_reviews")
    checks, force = values.get("required_status_checks"), values.get("allows_force_pushes")
    if ruleset:
        force = not is_set(values.get("non_fast_forward", False))
    if known(force) and is_set(force):
        yield "its history can be rewritten: force pushes are allowed."
    if known(reviews) and not _asks_for_approval(reviews):
        yield "nobody has to review a change."
    if known(checks) and not checks:
        yield "no check has to pass."
    if passing := sorted(_passing(item, ruleset=ruleset)):
        yield f"it does not hold {' and '.join(passing)}."


def _asks_for_approval(reviews: Any) -> bool:
    """Whether a review is asked for; where no number is given, one is."""
    first = reviews[0] if isinstance(reviews, Sequence) and reviews else reviews
    if not isinstance(first, Mapping):
        return bool(first)
    count = first.get("required_approving_review_count", 1)
    return count is UNKNOWN or count is None or count > 0


def _passing(item: Item, *, ruleset: bool) -> Iterator[str]:
    """Who is not held by it, in words."""
    bound, bypassing = item.get("enforce_admins"), item.get("bypass_actors")
    if ruleset:
        if known(bypassing) and bypassing:
            yield "those who may bypass the ruleset"
    elif known(bound) and not is_set(bound):
        yield "administrators"
    passed = item.get("passed_by", ())
    yield from passed if known(passed) else ()


def lets_programs_decide(item: Item, _ground: Ground) -> Iterator[str]:
    """Workflows that may approve what they, or whoever starts them, want merged."""
    if is_set(item.get("can_approve_pull_request_reviews")):
        yield "its workflows may approve pull requests: a review can come from a program."
    if item.get("default_workflow_permissions") == "write":
        yield "its workflows may write to it unless they say otherwise."


def resets_the_account(_item: Item, _ground: Ground) -> Iterator[str]:
    """The resource that unsets each parameter of the account that it does not name."""
    yield "it unsets every account parameter that it does not name, network policy included."


def _least(ground: Ground) -> int:
    return ground.environment.limits.min_retention_days


def _is_external(item: Item) -> bool:
    """An external stage holds nothing itself."""
    return item.kind is Kind.STAGE and bool(item.get("url"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rule(**given: Any) -> Rule:
    return Rule(topic=Topic.CONTINUITY, **given)


RULES: Final = (
    _rule(
        id="data-is-protected",
        title="What holds data cannot be deleted by a deployment",
        why="A renamed schema is a dropped one; protection makes the engine stop first.",
        remedy="Set protect in environments/, and take it away only with leap approve.",
        source="https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
        severity=Severity.HIGH,
        elsewhere=ONLY_PROD,
        kinds=(Kind.BUCKET, Kind.DATABASE, Kind.SCHEMA, Kind.STAGE, Kind.TABLE),
        each=can_be_deleted,
    ),
    _rule(
        id="data-can-be-brought-back",
        title="Time travel reaches back as far as the environment asks for",
        why="Without it a wrong UPDATE or DROP is for ever.",
        remedy="Raise data_retention_time_in_days, or make transient what can be built again.",
        source="https://docs.snowflake.com/en/user-guide/data-time-travel",
        severity=Severity.MEDIUM,
        elsewhere={"personal": None, "ci": None},
        kinds=(Kind.DATABASE, Kind.SCHEMA),
        each=is_short_lived,
        cis="4.3",
    ),
    _rule(
        id="branches-are-protected",
        title="Branches that deploy need a review and a check, and cannot be rewritten",
        why="Whoever can push to the branch can deploy; then nothing above was decided by two.",
        remedy="Require a pull request with a review and a status check, of administrators too; "
        "forbid force pushes.",
        source="https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets",
        severity=Severity.HIGH,
        kinds=(Kind.BRANCH_PROTECTION,),
        each=protects_little,
    ),
    _rule(
        id="workflows-do-not-approve",
        title="Workflows read, and approve nothing",
        why="Whoever may push a branch may write a workflow, and with it the missing approval.",
        remedy="Take the right to approve from workflows, and let each ask for what it writes.",
        source="https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/enabling-features-for-your-repository/managing-github-actions-settings-for-a-repository",
        severity=Severity.HIGH,
        kinds=(Kind.WORKFLOWS,),
        each=lets_programs_decide,
    ),
    _rule(
        id="account-is-not-reset",
        title="No resource resets the account's parameters",
        why="CurrentAccount unsets what it does not name, the account's network policy too.",
        remedy="Declare single parameters with AccountParameter.",
        source="https://www.pulumi.com/registry/packages/snowflake/api-docs/currentaccount/",
        severity=Severity.CRITICAL,
        kinds=(Kind.CURRENT_ACCOUNT,),
        each=resets_the_account,
    ),
)
