"""What only the audit judges: it takes the graph of all roles, or what happened in the account.

The checks are in `ops.audit`; the rules are here because exceptions name them, and the documents
list them with the others.
"""

from typing import Any, Final

from infra.model.rules.rule import Rule, Severity, Topic


def _rule(**given: Any) -> Rule:
    return Rule(
        topic=Topic.ACCESS,
        source="https://docs.snowflake.com/en/user-guide/security-access-control-overview",
        **given,
    )


NO_WAY_TO_RAW: Final = _rule(
    id="no-way-to-raw",
    title="Nobody who works with data can come to write where files land",
    why="Owning a role, a user or MANAGE GRANTS is a way to the loader's rights, without a grant.",
    remedy="Take away the first step of the way that is printed.",
    severity=Severity.CRITICAL,
)
NO_WAY_TO_GRANTS: Final = _rule(
    id="no-way-to-manage-grants",
    title="Nobody who works with data can come to MANAGE GRANTS",
    why="Whoever can grant anything to anybody has everything, whatever their grants say.",
    remedy="Take away the first step of the way that is printed.",
    severity=Severity.CRITICAL,
)
ROLES_ARE_USED: Final = _rule(
    id="roles-are-used",
    title="Somebody has each role, and works with it",
    why="A role that nobody uses is reviewed by nobody, and still opens what it opens.",
    remedy="Drop it, or take it out of the facts.",
    severity=Severity.LOW,
)
GRANTS_ARE_USED: Final = _rule(
    id="grants-are-used",
    title="Whoever has a role works with it",
    why="What somebody no longer needs is what is missed last when it is misused.",
    remedy="Revoke the role from the user.",
    severity=Severity.LOW,
)
EXCEPTIONS_ARE_NEEDED: Final = Rule(
    id="exceptions-are-needed",
    title="Each exception excuses something",
    why="An exception for what is long mended waits for the next fault, and hides it.",
    remedy="Take the exception out of the facts.",
    source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations",
    topic=Topic.ORDER,
    severity=Severity.LOW,
)

AUDITED: Final = (
    NO_WAY_TO_RAW,
    NO_WAY_TO_GRANTS,
    ROLES_ARE_USED,
    GRANTS_ARE_USED,
    EXCEPTIONS_ARE_NEEDED,
)
