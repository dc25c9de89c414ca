"""Objects of the account by kind and full name: as a state, a statement and the account name them.

Only what has a name of its own is here: a creation of it fails where the name is taken, and it can
be dropped by it. Grants and settings can be made twice. A policy that is set on the account or on a
user is the exception, because a second one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str, ...]

PROVIDER_PREFIX: Final = "snowflake:index/"
KINDS: Final[Mapping[str, str]] = {
    "AccountRole": "ROLE",
    "Alert": "ALERT",
    "AuthenticationPolicy": "AUTHENTICATION POLICY",
    "Database": "DATABASE",
    "DatabaseRole": "DATABASE ROLE",
    "EmailNotificationIntegration": "INTEGRATION",
    "FailoverGroup": "FAILOVER GROUP",
    "FileFormat": "FILE FORMAT",
    "LegacyServiceUser": "USER",
    "MaskingPolicy": "MASKING POLICY",
    "NetworkPolicy": "NETWORK POLICY",
    "NetworkRule": "NETWORK RULE",
    "NotificationIntegration": "INTEGRATION",
    "PasswordPolicy": "PASSWORD POLICY",
    "Pipe": "PIPE",
    "PrimaryConnection": "CONNECTION",
    "ProcedureSql": "PROCEDURE",
    "ResourceMonitor": "RESOURCE MONITOR",
    "RowAccessPolicy": "ROW ACCESS POLICY",
    "Schema": "SCHEMA",
    "SecretWithBasicAuthentication": "SECRET",
    "SecretWithGenericString": "SECRET",
    "Sequence": "SEQUENCE",
    "ServiceUser": "USER",
    "SessionPolicy": "SESSION POLICY",
    "Share": "SHARE",
    "SharedDatabase": "DATABASE",
    "Stage": "STAGE",
    "StorageIntegration": "INTEGRATION",
    "StreamOnTable": "STREAM",
    "StreamOnView": "STREAM",
    "Table": "TABLE",
    "Tag": "TAG",
    "Task": "TASK",
    "User": "USER",
    "View": "VIEW",
    "Warehouse": "WAREHOUSE",
}
ATTACHMENTS: Final[Mapping[str, str]] = {
    "AccountAuthenticationPolicyAttachment": "AUTHENTICATION POLICY",
    "AccountPasswordPolicyAttachment": "PASSWORD POLICY",
    "UserAuthenticationPolicyAttachment": "AUTHENTICATION POLICY",
    "UserPasswordPolicyAttachment": "PASSWORD POLICY",
}
"""The kind of policy that such a resource sets on a user, or on the account."""
ON: Final = " ON "
OF_THE_ACCOUNT: Final = frozenset(
    {"CONNECTION", "DATABASE", "FAILOVER GROUP", "INTEGRATION", "NETWORK POLICY"}
    | {"RESOURCE MONITOR", "ROLE", "SHARE", "USER", "WAREHOUSE"}
)
CONTAINERS: Final = frozenset({"DATABASE", "SCHEMA"})
_NAMES: Final = sorted(set(KINDS.values()), key=len, reverse=True)
_PART: Final = r'"(?:[^"]|"")+"|[A-Za-z_][\w$]*'
_NAME: Final = rf"(?P<name>(?:{_PART})(?:\s*\.\s*(?:{_PART})){{0,2}})"
_KIND: Final = "|".join(name.replace(" ", r"\s+") for name in _NAMES)
_CREATE: Final = re.compile(
    rf"\s*CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:[A-Z]+\s+){{0,3}}?(?P<words>{_KIND})\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}(?=\s|\(|;|$)",
    re.IGNORECASE,
)
_WHERE_IT_IS_NOT: Final = re.compile(
    rf"\s*CREATE\s+(?:[A-Z]+\s+){{0,3}}?(?:{_KIND})\s+IF\s+NOT\s+EXISTS\b", re.IGNORECASE
)
_ATTACH: Final = re.compile(
    rf"\s*ALTER\s+(?:ACCOUNT|USER\s+(?:IF\s+EXISTS\s+)?{_NAME})\s+SET\s+"
    r"(?P<words>(?:AUTHENTICATION|PASSWORD|SESSION)\s+POLICY)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """An object by kind and full name; `types`: those of a procedure's arguments."""

    kind: str
    path: Path
    types: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {dotted(self.path)}"

    @property
    def removal(self) -> str:
        """The statement that takes it away, and does nothing where it is not."""
        kind, attached, place = self.kind.partition(ON)
        if attached:
            what = f"USER IF EXISTS {dotted(self.path)}" if self.path else place
            return f"ALTER {what} UNSET {kind}"
        signature = f"({self.types})" if kind == "PROCEDURE" else ""
        return f"DROP {kind} IF EXISTS {dotted(self.path)}{signature}"

    def is_inside(self, other: Named) -> bool:
        """Whether it goes with the other one."""
        depth = len(other.path)
        return other.kind in CONTAINERS and (
            len(self.path) > depth and self.path[:depth] == other.path
        )


def dotted(path: Iterable[str]) -> str:
    """The name as SQL has it, each part quoted."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in path)


def of_resource(resource: Mapping[str, Any]) -> Named | None:
    """What a resource of the state is in the account; None for what has no name of its own."""
    token = str(resource["type"])
    if not token.startswith(PROVIDER_PREFIX):
        return None
    kind, inputs = token.rpartition(":")[2], resource.get("inputs") or {}
    if kind in ATTACHMENTS:
        user = str(inputs.get("userName") or "").strip('"')
        return Named(ATTACHMENTS[kind] + ON + ("USER" if user else "ACCOUNT"), _path(user))
    if kind not in KINDS or not isinstance(inputs.get("name"), str):
        return None
    arguments = inputs.get("arguments") or () if kind == "ProcedureSql" else ()
    path = _path(inputs.get("database"), inputs.get("schema"), inputs["name"])
    return Named(KINDS[kind], path, ", ".join(str(a["argDataType"]) for a in arguments))


def of_statement(text: str, database: str = "", schema: str = "") -> Named | None:
    """What a statement creates or sets, completed by the session's database and schema."""
    match = _ATTACH.match(text)
    if match is not None:
        kind = " ".join(match["words"].upper().split())
        path = _parts(match["name"]) if match["name"] else ()
        return Named(kind + ON + ("USER" if path else "ACCOUNT"), path)
    match = _CREATE.match(text)
    if match is None:
        return None
    kind, path = " ".join(match["words"].upper().split()), _parts(match["name"])
    around = {1: (), 2: (database,), 3: (database, schema)}[depth(kind)]
    whole = _path(*around[: depth(kind) - len(path)], *path)
    return Named(kind, whole, _types(text[match.end() :]) if kind == "PROCEDURE" else "")


def is_made_where_it_is_not(text: str) -> bool:
    """Whether a statement says IF NOT EXISTS: it can be sent again, whatever stands by then."""
    return _WHERE_IT_IS_NOT.match(text) is not None


def of_row(kind: str, row: Mapping[str, Any]) -> Named:
    """An object as a row of SHOW names it."""
    around = row.get("database_name") or row.get("catalog_name"), row.get("schema_name")
    return Named(kind, _path(*around[: depth(kind) - 1], row["name"]))


def listing(kind: str) -> str:
    """The statement that lists all objects of a kind."""
    plural = f"{kind[:-1]}IES" if kind.endswith("Y") else f"{kind}S"
    return f"SHOW {plural}" + ("" if kind in OF_THE_ACCOUNT else " IN ACCOUNT")


def depth(kind: str) -> int:
    """How many parts a full name of the kind has."""
    if kind in {"SCHEMA", "DATABASE ROLE"}:
        return 2
    return 1 if kind in OF_THE_ACCOUNT else 3


def _path(*parts: Any) -> Path:
    return tuple(str(part) for part in parts if part)


def _parts(name: str) -> Path:
    found = re.findall(_PART, name)
    return tuple(p[1:-1].replace('""', '"') if p[0] == '"' else p.upper() for p in found)


def _types(rest: str) -> str:
    """The types of `(A NUMBER(38, 0), B VARCHAR) RETURNS …`, as DROP wants them."""
    inner, open_ = "", 0
    for letter in rest.lstrip():
        open_ += {"(": 1, ")": -1}.get(letter, 0)
        if open_ == 0:
            break
        if open_ == 1:
            inner += letter
    arguments = [part.split() for part in inner.strip("()").split(",")]
    return ", ".join(words[1].strip("()").upper() for words in arguments if len(words) > 1)
