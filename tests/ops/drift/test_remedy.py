"""The ways to end a finding: the SQL that takes it back or puts it back, and the facts to adopt."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import settings
from infra.model.access import DatabasePrivilege
from ops.access.names import THE_ACCOUNT, Principal, PrincipalKind, Securable, role, user
from ops.drift import undoing
from ops.drift.finding import Finding, Form, Subject
from ops.drift.remedy import Place, fixes

ROOT = Path(__file__).resolve().parents[3]
DATABASE = "LEAP_ANALYTICS"
TODAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def place() -> Place:
    """The shipped facts of `local`."""
    environment = settings.load(ROOT, "local").environment
    providers = {"USERADMIN": "urn:p::id", "SECURITYADMIN": "urn:s::id"}
    return Place("local", environment, "environments/local.yaml", providers)


def finding(form: Form, subject: Subject, kind: str, *path: str, **more: Any) -> Finding:
    """A finding."""
    on = Securable(kind, path) if kind != "ACCOUNT" else THE_ACCOUNT
    return Finding(form, subject, on, **more)


def found(subject: Subject, kind: str, *path: str, **more: Any) -> Finding:
    """Something in no code."""
    return finding(Form.UNKNOWN, subject, kind, *path, **more)


READER = role("READER")
SELECT: dict[str, Any] = {"holder": READER, "privileges": ("SELECT",)}
REVOKED: tuple[tuple[Finding, str], ...] = (
    (
        found(Subject.GRANT, "TABLE", "D", "S", "T", **SELECT),
        'REVOKE SELECT ON TABLE "D"."S"."T" FROM ROLE "READER";',
    ),
    (
        found(Subject.GRANT, "ACCOUNT", holder=READER, privileges=("MANAGE GRANTS",)),
        'REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE "READER";',
    ),
    (
        found(Subject.GRANT, "PROCEDURE", "D", "S", "P(NUMBER, VARCHAR)", **SELECT),
        'REVOKE SELECT ON PROCEDURE "D"."S"."P"(NUMBER, VARCHAR) FROM ROLE "READER";',
    ),
    (
        found(Subject.FUTURE_GRANT, "TABLE", "D", "S", **SELECT),
        'REVOKE SELECT ON FUTURE TABLES IN SCHEMA "D"."S" FROM ROLE "READER";',
    ),
    (
        found(Subject.FUTURE_GRANT, "MASKING POLICY", "D", **SELECT),
        'REVOKE SELECT ON FUTURE MASKING POLICIES IN DATABASE "D" FROM ROLE "READER";',
    ),
    (
        found(Subject.MEMBERSHIP, "ROLE", "R", holder=user("ANN")),
        'REVOKE ROLE "R" FROM USER "ANN";',
    ),
    (
        found(
            Subject.GRANT,
            "TABLE",
            "D",
            "S",
            "T",
            holder=Principal(PrincipalKind.DATABASE_ROLE, "D.R"),
            privileges=("SELECT",),
        ),
        'REVOKE SELECT ON TABLE "D"."S"."T" FROM DATABASE ROLE "D"."R";',
    ),
    (found(Subject.OBJECT, "ROLE", 'odd "one'), 'DROP ROLE "odd ""one";'),
)


@pytest.mark.parametrize(("one", "sql"), REVOKED, ids=[sql for _, sql in REVOKED])
def test_what_is_in_no_code_is_taken_back_by_one_statement(one: Finding, sql: str) -> None:
    assert undoing.revoke(one) == sql


def missing(subject: Subject, kind: str, *path: str, **more: Any) -> Finding:
    """Something that the account lacks."""
    return finding(Form.MISSING, subject, kind, *path, **more)


def differs(subject: Subject, kind: str, *path: str, **more: Any) -> Finding:
    """Something that both have, otherwise."""
    return finding(Form.DIFFERENT, subject, kind, *path, **more)


PUT_BACK: tuple[tuple[Finding, str], ...] = (
    (
        missing(Subject.GRANT, "TABLE", "D", "S", "T", **SELECT),
        'GRANT SELECT ON TABLE "D"."S"."T" TO ROLE "READER";',
    ),
    (
        missing(Subject.FUTURE_GRANT, "TABLE", "D", "S", **SELECT),
        'GRANT SELECT ON FUTURE TABLES IN SCHEMA "D"."S" TO ROLE "READER";',
    ),
    (
        missing(Subject.MEMBERSHIP, "ROLE", "R", holder=user("ANN")),
        'GRANT ROLE "R" TO USER "ANN";',
    ),
    (
        missing(Subject.OBJECT, "WAREHOUSE", "W"),
        "./leap apply --refresh --stack local",
    ),
    (
        differs(Subject.OWNER, "TABLE", "D", "S", "T", code="SYSADMIN", live="X"),
        'GRANT OWNERSHIP ON TABLE "D"."S"."T" TO ROLE "SYSADMIN" COPY CURRENT GRANTS;',
    ),
    (
        differs(Subject.PROPERTY, "WAREHOUSE", "W", setting="auto_suspend", code="60", live="600"),
        'ALTER WAREHOUSE "W" SET AUTO_SUSPEND = 60;',
    ),
    (
        differs(Subject.PROPERTY, "ROLE", "R", setting="comment", code="it's", live=""),
        """ALTER ROLE "R" SET COMMENT = 'it''s';""",
    ),
    (
        differs(Subject.PROPERTY, "WAREHOUSE", "W", setting="resource_monitor", code="M", live=""),
        'ALTER WAREHOUSE "W" SET RESOURCE_MONITOR = "M";',
    ),
    (
        differs(Subject.PROPERTY, "TASK", "D", "S", "J", setting="state", code="started", live="x"),
        'ALTER TASK "D"."S"."J" RESUME;',
    ),
    (
        differs(Subject.PROPERTY, "PIPE", "D", "S", "P", setting="definition", code="a", live="b"),
        "./leap apply --refresh --stack local",
    ),
)


@pytest.mark.parametrize(("one", "text"), PUT_BACK, ids=[text for _, text in PUT_BACK])
def test_what_code_says_is_put_back(one: Finding, text: str) -> None:
    assert undoing.put_back(one, "local") == text


def adopted(one: Finding, place: Place) -> tuple[dict[str, Any], str]:
    """The facts of the first way, and the whole of its text."""
    first = fixes(one, place, TODAY)[0]
    assert first.name in ("adopt", "take out")
    assert first.where in ("", "environments/local.yaml")
    text = first.text.partition("\neval")[0]
    return yaml.safe_load(text) or {}, first.text


def test_a_role_is_adopted_by_facts_and_an_import(place: Place) -> None:
    facts, text = adopted(found(Subject.OBJECT, "ROLE", "BY_HAND"), place)
    assert facts["roles"]["BY_HAND"]["kind"] == "functional"
    assert "pulumi import snowflake:index/accountRole:AccountRole by-hand" in text
    assert "--provider useradmin='urn:p::id'" in text
    assert "--stack local" in text


@pytest.mark.parametrize(
    ("kind", "path", "key"),
    [
        ("WAREHOUSE", ("HAND_WH",), ("warehouses", "HAND_WH")),
        ("USER", ("ANN",), ("people", "ANN")),
        ("SCHEMA", (DATABASE, "SCRATCH"), ("database", "schemas", "SCRATCH")),
    ],
)
def test_an_object_is_adopted_where_the_facts_have_its_kind(
    place: Place, kind: str, path: tuple[str, ...], key: tuple[str, ...]
) -> None:
    facts, text = adopted(found(Subject.OBJECT, kind, *path), place)
    for one in key:
        facts = facts[one]
    assert facts
    assert "pulumi import snowflake:index/" in text


@pytest.mark.parametrize(
    "one",
    [
        found(Subject.OBJECT, "TABLE", DATABASE, "RAW", "SCRATCH"),
        found(Subject.OBJECT, "SCHEMA", "OTHER", "S"),
        found(Subject.GRANT, "TABLE", "OTHER", "S", "T", **SELECT),
        found(Subject.MEMBERSHIP, "ROLE", "BY_HAND", holder=user("NOBODY")),
    ],
    ids=str,
)
def test_what_no_fact_can_say_is_said_so(place: Place, one: Finding) -> None:
    facts, text = adopted(one, place)
    assert facts == {}
    assert text.startswith("# No fact says this.")


@pytest.mark.parametrize(
    ("on", "privileges", "said"),
    [
        (("TABLE", DATABASE, "MARTS", "T"), ("SELECT",), {"schemas": {"MARTS": "READ"}}),
        (("TABLE", DATABASE, "RAW", "T"), ("INSERT",), {"schemas": {"RAW": "WRITE"}}),
        (("WAREHOUSE", "BI_WH"), ("MONITOR",), {"warehouses": {"BI_WH": "MONITOR"}}),
    ],
)
def test_a_grant_is_adopted_by_the_smallest_level_that_has_it(
    place: Place, on: tuple[str, ...], privileges: tuple[str, ...], said: dict[str, Any]
) -> None:
    holder = role("DATA_ANALYST")
    one = found(Subject.GRANT, *on, holder=holder, privileges=privileges)
    facts, text = adopted(one, place)
    assert facts == {"access": {"DATA_ANALYST": said}}
    assert "revoke the direct grant afterwards" in text


def test_a_list_of_privileges_is_given_whole(place: Place) -> None:
    held = place.environment.access["DATA_ENGINEER"].database
    more = next(one for one in DatabasePrivilege if one not in held)
    one = found(
        Subject.GRANT, "DATABASE", DATABASE, holder=role("DATA_ENGINEER"), privileges=(more,)
    )
    facts, _ = adopted(one, place)
    said = facts["access"]["DATA_ENGINEER"]["database"]
    assert set(said) == {*map(str, held), str(more)}


def test_a_role_of_a_person_is_adopted_as_their_role(place: Place) -> None:
    person = next(iter(place.environment.people))
    one = found(Subject.MEMBERSHIP, "ROLE", "DATA_ENGINEER", holder=user(person))
    facts, text = adopted(one, place)
    assert facts == {"people": {person: {"role": "DATA_ENGINEER"}}}
    assert "A person has one role" in text


def test_a_setting_is_adopted_under_the_facts_own_key(place: Place) -> None:
    one = differs(
        Subject.PROPERTY, "WAREHOUSE", "BI_WH", setting="auto_suspend", code="60", live="600"
    )
    facts, _ = adopted(one, place)
    assert facts == {"warehouses": {"BI_WH": {"auto_suspend": 600}}}


def test_what_is_gone_is_taken_out_of_the_facts(place: Place) -> None:
    facts, _ = adopted(missing(Subject.OBJECT, "WAREHOUSE", "BI_WH"), place)
    assert facts == {"warehouses": {"BI_WH": None}}


def test_every_finding_has_three_ways_and_the_last_accepts_for_thirty_days(place: Place) -> None:
    for one in (found(Subject.OBJECT, "ROLE", "R"), missing(Subject.OBJECT, "ROLE", "R")):
        ways = fixes(one, place, TODAY)
        assert [way.name for way in ways][2] == "accept"
        (entry,) = yaml.safe_load(ways[2].text)["accepted"]
        assert (entry["finding"], entry["until"]) == ("role R", "2026-03-31")
        assert ways[2].where == "environments/drift/local.yaml"
