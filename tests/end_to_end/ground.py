"""The platform that runs are killed on: its facts, which differ each time, and what it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.end_to_end.account import Ask
    from tests.end_to_end.conftest import Clone

KINDS: Final = ("WAREHOUSES", "ROLES", "DATABASES", "RESOURCE MONITORS", "INTEGRATIONS", "USERS")
INSIDE: Final = ("SCHEMAS", "TABLES", "STAGES", "PIPES", "FILE FORMATS", "TASKS", "ALERTS", "TAGS")
DATABASE: Final = "DEV__LEAP_ANALYTICS"
KEPT: Final = f"{DATABASE}.MARTS.SOMEBODYS"
SENT: Final = f"{DATABASE}.EXPORTS.SENT"
WAREHOUSE: Final = "DEV__TRANSFORMING_WH"
PASSING: Final = "DEV__PASSING_"
SOMEBODYS: Final = "DEV__SOMEBODYS"
PERSON: Final = "DEV__KIM_ENGINEER"
FACTS: Final = """\
# killed {number} {way}
people:
  KIM_ENGINEER: {{role: DATA_ENGINEER, warehouse: DEV_WH, email: kim@leap.example}}
exceptions:
  PASSWORD_ON_THE_SANDBOX:
    rule: nobody-has-a-password
    objects: [DEV__KIM_ENGINEER]
    reason: The sandbox knows no single sign-on
    owner: data-platform
    until: "2099-12-31"
operations: {{warehouse: {warehouse}}}
roles:
  LOADER: {{comment: Number {number}}}
  CI: {{comment: Number {number}}}
  REPORTER: {{comment: Number {number}}}
  PASSING_{number}: {{kind: functional, comment: Number {number}}}
"""
SCHEMAS: Final = """\
  schemas:
    INTERMEDIATE: {{is_transient: {transient}}}
"""
EXPORTS: Final = "    EXPORTS: {comment: What leaves the platform}\n"
RETENTION: Final = "  data_retention_time_in_days: 1\n"
"""The last line of what `dev` says of its database."""
WAYS: Final = (
    {"warehouse": "LOADING_WH", "transient": "true"},
    {"warehouse": "DEV_WH", "transient": "false"},
)
"""Facts of which the other replaces alerts, procedures and a schema."""


def change(clone: Clone, *, replaces: bool = False, exports: bool = True) -> None:
    """Facts that differ each time: comments change, one role goes and another comes.

    Where it `replaces`, alerts, procedures and a schema are made anew too.
    """
    file = clone.folder / "environments" / "dev.yaml"
    good, _, before = file.read_text().partition("# killed ")
    said = re.match(r"(\d+) (\d+)", before)
    number, way = (int(said[1]), int(said[2])) if said else (0, 0)
    way = 1 - way if replaces else way
    good = re.sub(f"({RETENTION})  schemas:\n(    .*\n)+", r"\1", good)
    schemas = SCHEMAS.format(**WAYS[way]) + (EXPORTS if exports else "")
    facts = FACTS.format(number=number + 1, way=way, **WAYS[way])
    file.write_text(good.replace(RETENTION, RETENTION + schemas, 1) + facts)


def standing(ask: Ask) -> dict[str, list[str]]:
    """Everything of the stack that SHOW tells, with every repetition."""
    found = {
        kind: sorted(
            str(row["name"]) for row in ask(f"SHOW {kind}") if row["name"].startswith("DEV__")
        )
        for kind in KINDS
    }
    for kind in INSIDE if found["DATABASES"] else ():
        rows = ask(f"SHOW {kind} IN DATABASE {DATABASE}")
        found[kind] = sorted(f"{r.get('schema_name', '')}.{r['name']}" for r in rows)
    passing = [name for name in found["ROLES"] if name.startswith(PASSING)]
    found["ROLES"] = [name for name in found["ROLES"] if name not in passing]
    found["passing roles"] = ["one" for _ in passing]
    for role in found["ROLES"]:
        grants = ask(f'SHOW GRANTS TO ROLE "{role}"')
        named = [f"{g['privilege']} {g['granted_on']} {g['name']}" for g in grants]
        found[f"grants to {role}"] = sorted(named)
    return found


def of_workspaces(ask: Ask) -> dict[str, list[str]]:
    """What of it a workspace could leave behind."""
    left = standing(ask)
    return {kind: names for kind, names in left.items() if kind not in INSIDE or kind == "SCHEMAS"}


def difference(
    found: dict[str, list[str]], whole: dict[str, list[str]]
) -> dict[str, tuple[list[str], list[str]]]:
    """What is too much, and what is missing, of each kind."""
    both = {kind: (found.get(kind, []), whole.get(kind, [])) for kind in [*found, *whole]}
    return {
        kind: ([n for n in now if n not in right], [n for n in right if n not in now])
        for kind, (now, right) in both.items()
        if now != right
    }
