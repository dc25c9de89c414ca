"""What an IAM policy allows: what trust and bucket access need of AWS's evaluation logic.

Pure: documents as AWS gives them, no call. An explicit deny wins, nothing said means no. A
condition operator or policy variable that is not known here is an error, never a silent answer.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

Document = Mapping[str, Any]
Verdict = Literal["allow", "deny", "silent"]


class UnknownPolicyPartError(ValueError):
    """A document uses what this evaluator does not know; the message names it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One action by one principal on one resource, with its condition keys in lower case."""

    action: str
    resource: str = ""
    principal: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


def judge(documents: Iterable[Document], call: Call) -> Verdict:
    """What the documents together say about the call.

    Raises:
        UnknownPolicyPartError: a matching statement has a condition that is not known here.
    """
    verdict: Verdict = "silent"
    for document in documents:
        for statement in _listed(document.get("Statement", [])):
            if _applies(statement, call):
                if statement.get("Effect") == "Deny":
                    return "deny"
                verdict = "allow"
    return verdict


def _applies(statement: Document, call: Call) -> bool:
    return (
        _selected(statement, "Action", call.action.lower(), fold=True)
        and _selected(statement, "Resource", call.resource, fold=False)
        and _names_principal(statement, call.principal)
        and all(
            _holds(operator, key, _listed(values), call.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _selected(statement: Document, part: str, value: str, *, fold: bool) -> bool:
    """Whether `Action` or `Resource`, or their negation, selects the value; absent selects all."""
    for name, wanted in ((part, True), (f"Not{part}", False)):
        if name in statement:
            patterns = _listed(statement[name])
            hit = any(_like(pattern.lower() if fold else pattern, value) for pattern in patterns)
            return hit is wanted
    return True


def _names_principal(statement: Document, principal: str) -> bool:
    for name, wanted in (("Principal", True), ("NotPrincipal", False)):
        if name in statement:
            named = statement[name]
            arns = _listed(named.get("AWS", []) if isinstance(named, Mapping) else named)
            return any(_is_principal(arn, principal) for arn in arns) is wanted
    return True


def _is_principal(named: str, principal: str) -> bool:
    """A principal is named by its ARN, by its account (root or number), or by `*`."""
    account = principal.split(":")[4] if principal.count(":") >= 5 else ""
    return named in {"*", principal} or (
        account != "" and named in {account, f"arn:aws:iam::{account}:root"}
    )


def _holds(operator: str, key: str, values: list[Any], context: Mapping[str, str]) -> bool:
    """One line of a condition: any of its values, or for a negated operator none of them."""
    base = operator.removesuffix("IfExists")
    present = context.get(key.lower())
    if base == "Null":
        return any((str(value).lower() == "true") is (present is None) for value in values)
    if base not in _OPERATORS:
        raise UnknownPolicyPartError(f"condition operator {operator}")
    negated, compare = _OPERATORS[base]
    if present is None:
        return negated or operator.endswith("IfExists")
    hit = any(compare(_text(value), present) for value in values)
    return hit is not negated


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _like(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


def _equal_folded(pattern: str, value: str) -> bool:
    return pattern.lower() == value.lower()


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    if "${" in pattern:
        raise UnknownPolicyPartError(f"policy variable in {pattern!r}")
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in pattern), re.S)


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OPERATORS: Final[Mapping[str, tuple[bool, Callable[[str, str], bool]]]] = {
    "StringEquals": (False, _equal),
    "StringNotEquals": (True, _equal),
    "StringEqualsIgnoreCase": (False, _equal_folded),
    "StringNotEqualsIgnoreCase": (True, _equal_folded),
    "StringLike": (False, _like),
    "StringNotLike": (True, _like),
    "ArnEquals": (False, _like),
    "ArnLike": (False, _like),
    "ArnNotEquals": (True, _like),
    "ArnNotLike": (True, _like),
    "Bool": (False, _equal_folded),
}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
