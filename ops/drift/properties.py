"""Which settings of an object are compared, and how both sides write them.

Only what SHOW tells for all objects of a kind at once. Everything else (a policy's body, the
parameters of a warehouse) takes a statement for each object: `leap preview --refresh` does that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple


class Compared(NamedTuple):
    """One setting."""

    given: str
    """The property of the engine's resource."""
    column: str
    """The column of SHOW."""
    plain: Callable[[Any], str] = lambda value: str(value)
    fact: str = ""
    """The key in the environment's facts; empty where no fact says it."""
    setting: str = ""
    """The word of ALTER … SET; empty where it takes another form."""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _whole(value: Any) -> str:
    return "" if value in (None, "") else str(int(float(value)))


def _flag(value: Any) -> str:
    return str(value).lower()


def _size(value: Any) -> str:
    return str(value).upper().replace("-", "")


def _name(value: Any) -> str:
    return "" if value in (None, "null") else str(value).strip('"')


def _sql(value: Any) -> str:
    return " ".join(str(value).split()).rstrip(";")


_COMMENT: Final = Compared("comment", "comment", _text, "comment", "COMMENT")
_WAREHOUSE: Final = (
    Compared("warehouseSize", "size", _size, "warehouse_size", "WAREHOUSE_SIZE"),
    Compared("autoSuspend", "auto_suspend", _whole, "auto_suspend", "AUTO_SUSPEND"),
    Compared("autoResume", "auto_resume", _flag, "", "AUTO_RESUME"),
    Compared("resourceMonitor", "resource_monitor", _name, "resource_monitor", "RESOURCE_MONITOR"),
    Compared("minClusterCount", "min_cluster_count", _whole, "min_cluster_count"),
    Compared("maxClusterCount", "max_cluster_count", _whole, "max_cluster_count"),
    Compared("scalingPolicy", "scaling_policy", _size, "scaling_policy", "SCALING_POLICY"),
    _COMMENT,
)
_USER: Final = (
    Compared("defaultRole", "default_role", _name, "role", "DEFAULT_ROLE"),
    Compared("defaultWarehouse", "default_warehouse", _name, "warehouse", "DEFAULT_WAREHOUSE"),
    Compared("email", "email", _text, "email", "EMAIL"),
    Compared("disabled", "disabled", _flag, "", "DISABLED"),
)
_KEPT: Final = Compared(
    "dataRetentionTimeInDays",
    "retention_time",
    _whole,
    "data_retention_time_in_days",
    "DATA_RETENTION_TIME_IN_DAYS",
)
_WAREHOUSE_OF_WORK: Final = Compared("warehouse", "warehouse", _name, "", "WAREHOUSE")

COMPARED: Final[Mapping[str, tuple[Compared, ...]]] = {
    "WAREHOUSE": _WAREHOUSE,
    "USER": _USER,
    "ROLE": (_COMMENT,),
    "DATABASE": (_KEPT, _COMMENT),
    "SCHEMA": (_KEPT,),
    "RESOURCE MONITOR": (
        Compared("creditQuota", "credit_quota", _whole, "credit_quota", "CREDIT_QUOTA"),
    ),
    "INTEGRATION": (Compared("enabled", "enabled", _flag, "", "ENABLED"), _COMMENT),
    "ALERT": (
        _WAREHOUSE_OF_WORK,
        Compared("condition", "condition", _sql),
        Compared("action", "action", _sql),
    ),
    "TASK": (_WAREHOUSE_OF_WORK, Compared("sqlStatement", "definition", _sql)),
    "PIPE": (Compared("copyStatement", "definition", _sql),),
    "TAG": (_COMMENT,),
    "NETWORK RULE": (_COMMENT,),
}
RUNNING: Final[Mapping[str, tuple[str, str]]] = {
    "ALERT": ("enabled", "started"),
    "TASK": ("started", "started"),
}
"""By kind: the property that says whether it runs, and SHOW's word in column ``state``."""


LEFT_OPEN: Final = (None, "", "default", -1)
"""What the engine keeps where code gives nothing. A mapping is a secret."""


class Difference(NamedTuple):
    """A setting that differs."""

    compared: Compared
    code: str
    live: str


def differences(
    kind: str, inputs: Mapping[str, Any], row: Mapping[str, Any]
) -> Iterator[Difference]:
    """Settings that code gives and the account shows otherwise; what code leaves open is free."""
    for compared in COMPARED.get(kind, ()):
        given = inputs.get(compared.given)
        left_open = given in LEFT_OPEN or isinstance(given, Mapping)
        if left_open or compared.column not in row:
            continue
        code, live = compared.plain(given), compared.plain(row[compared.column])
        if code != live:
            yield Difference(compared, code, live)
    if kind in RUNNING:
        given, word = RUNNING[kind]
        wanted, shown = bool(inputs.get(given)), str(row.get("state", "")).lower()
        if shown and wanted != (shown == word):
            told = Compared(given, "state")
            yield Difference(told, word if wanted else "suspended", shown)
