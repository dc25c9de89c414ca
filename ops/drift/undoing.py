"""The SQL that takes back what is in no code, and what brings back what code says."""

from __future__ import annotations

from typing import Final

from infra.model.identifiers import quoted
from ingestion.quoting import literal
from ops.access.names import THE_ACCOUNT, Principal, PrincipalKind, Securable, parse
from ops.drift.finding import Finding, Form, Subject
from ops.drift.properties import COMPARED

_GLOBAL: Final = "ACCOUNT"


def revoke(finding: Finding) -> str:
    """What takes it back."""
    held = ", ".join(finding.privileges)
    match finding.subject:
        case Subject.GRANT:
            return f"REVOKE {held} ON {target(finding.securable)} FROM {whom(finding)};"
        case Subject.FUTURE_GRANT:
            return f"REVOKE {held} ON {_future(finding.securable)} FROM {whom(finding)};"
        case Subject.MEMBERSHIP:
            return f"REVOKE {target(finding.securable)} FROM {whom(finding)};"
    return f"DROP {target(finding.securable)};"


def put_back(finding: Finding, stack: str) -> str:
    """What makes the account as code says again."""
    held, on = ", ".join(finding.privileges), target(finding.securable)
    refresh = f"./leap apply --refresh --stack {stack}"
    match (finding.subject, finding.form):
        case (Subject.GRANT, Form.MISSING):
            return f"GRANT {held} ON {on} TO {whom(finding)};"
        case (Subject.FUTURE_GRANT, Form.MISSING):
            return f"GRANT {held} ON {_future(finding.securable)} TO {whom(finding)};"
        case (Subject.MEMBERSHIP, Form.MISSING):
            return f"GRANT {on} TO {whom(finding)};"
        case (Subject.OWNER, _):
            return f"GRANT OWNERSHIP ON {on} TO ROLE {quoted(finding.code)} COPY CURRENT GRANTS;"
        case (Subject.PROPERTY, _):
            return _alter(finding) or refresh
    return refresh


def target(securable: Securable) -> str:
    """An object as statements name it."""
    if securable == THE_ACCOUNT:
        return _GLOBAL
    last, bracket, types = securable.path[-1].partition("(")
    name = quoted(*securable.path[:-1], last) if bracket else quoted(*securable.path)
    return f"{securable.kind} {name}{bracket}{types}"


def whom(finding: Finding) -> str:
    """Who holds it, as statements name them."""
    return principal(finding.holder) if finding.holder else ""


def principal(one: Principal) -> str:
    """A role or user as statements name it."""
    parts = parse(one.name) if one.kind is PrincipalKind.DATABASE_ROLE else (one.name,)
    return f"{one.kind.value} {quoted(*parts)}"


def plural(kind: str) -> str:
    """``TABLES`` of ``TABLE``, ``POLICIES`` of ``POLICY``."""
    return f"{kind[:-1]}IES" if kind.endswith("Y") else f"{kind}S"


def _future(place: Securable) -> str:
    where = "DATABASE" if len(place.path) == 1 else "SCHEMA"
    return f"FUTURE {plural(place.kind)} IN {where} {quoted(*place.path)}"


def _alter(finding: Finding) -> str:
    kind, on = finding.securable.kind, target(finding.securable)
    if finding.setting == "state":
        word = "RESUME" if finding.code == "started" else "SUSPEND"
        return f"ALTER {on} {word};"
    for compared in COMPARED.get(kind, ()):
        if compared.column == finding.setting and compared.setting:
            bare = finding.code.isdigit() or finding.code in ("true", "false")
            value = finding.code if bare else literal(finding.code)
            if compared.setting in ("RESOURCE_MONITOR", "DEFAULT_ROLE", "DEFAULT_WAREHOUSE"):
                value = quoted(finding.code)
            return f"ALTER {on} SET {compared.setting} = {value};"
    return ""
