"""The live source: what a sandbox account tells after statements, and what a refusal leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ops.access.account import Ask, ReadRefusedError
from ops.access.answer import Verdict, can
from ops.access.facts import Facts
from ops.access.graph import Graph
from ops.access.live import live
from ops.access.lookup import find_principal, find_securable

STATEMENTS = (
    "CREATE DATABASE D",
    "CREATE SCHEMA D.S",
    "CREATE SCHEMA D.OTHER",
    "CREATE TABLE D.S.T (A INT)",
    'CREATE TABLE D.S."odd name" (A INT)',
    "CREATE ROLE READER",
    "CREATE ROLE ENGINEER",
    "CREATE USER ANN PASSWORD = 'p' DEFAULT_ROLE = ENGINEER",
    "GRANT ROLE READER TO ROLE ENGINEER",
    "GRANT ROLE ENGINEER TO USER ANN",
    "GRANT USAGE ON DATABASE D TO ROLE READER",
    "GRANT USAGE ON SCHEMA D.S TO ROLE READER",
    "GRANT USAGE ON SCHEMA D.OTHER TO ROLE READER",
    "GRANT SELECT ON TABLE D.S.T TO ROLE READER",
    "GRANT INSERT ON FUTURE TABLES IN DATABASE D TO ROLE ENGINEER",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE READER",
)
CASES = (
    ("ANN", "SELECT", "D.S.T", True),
    ("READER", "SELECT", "D.S.T", True),
    ("ANN", "INSERT", "D.S.T", False),
    ("ANN", "SELECT", 'D.S."odd name"', False),
    ("ANN", "SELECT", "D.S.<TABLE>", True),
    ("ANN", "INSERT", "D.S.<TABLE>", False),
    ("ANN", "INSERT", "D.OTHER.<TABLE>", True),
    ("ACCOUNTADMIN", "CREATE DATABASE", "ACCOUNT", True),
    ("ACCOUNTADMIN", "DELETE", "D.S.T", True),
    ("USERADMIN", "SELECT", "D.S.T", False),
)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Questions to a sandbox of its own, over the ordinary connector."""
    from benchmarks.scratch import connect
    from cli.target import ask as run
    from sandbox import process

    root = tmp_path_factory.mktemp("live")
    connection = process.start(root, port=0, aws_port=0)
    try:
        with connect(connection) as account:
            for statement in STATEMENTS:
                run(account, statement)
            yield lambda statement: run(account, statement).dicts()
    finally:
        process.stop(root)


def verdict(facts: Facts, who: str, privilege: str, name: str) -> Verdict:
    """The answer alone."""
    securable = find_securable(facts, name, privilege)
    return can(Graph(facts), find_principal(facts, who), privilege, securable).verdict


@pytest.mark.sandbox
def test_the_account_answers_as_its_grants_say(ask: Ask) -> None:
    asked: list[str] = []

    def counted(statement: str) -> Sequence[Any]:
        asked.append(statement)
        return ask(statement)

    facts = live(counted, "live")
    assert facts.unread == []
    answers = {case: verdict(facts, *case[:3]) for case in CASES}
    assert {case: found is Verdict.YES for case, found in answers.items()} == {
        case: case[3] for case in CASES
    }
    roles = [one for one in facts.principals if one.kind == "ROLE"]
    assert len(asked) <= 3 * len(roles) + 3


def refusing_one_role(ask: Ask, statement: str) -> Sequence[Any]:
    """The account's answer, but that SHOW tells nothing of one role's grants."""
    if "GRANTS TO ROLE" in statement and '"READER"' in statement and "FUTURE" not in statement:
        raise ReadRefusedError("Insufficient privileges to operate on role 'READER'")
    return ask(statement)


@pytest.mark.sandbox
def test_account_usage_tells_what_show_refused_and_the_source_says_that_it_is_late(
    ask: Ask,
) -> None:
    facts = live(lambda statement: refusing_one_role(ask, statement), "live")
    assert facts.unread == []
    assert "ACCOUNT_USAGE" in facts.source
    cases = [case for case in CASES if "<TABLE>" not in case[2]]
    assert {case[:3]: verdict(facts, *case[:3]) for case in cases} == {
        case[:3]: Verdict.YES if case[3] else Verdict.NO for case in cases
    }


@pytest.mark.sandbox
def test_a_role_that_may_not_be_read_makes_no_into_not_known(ask: Ask) -> None:
    def refusing(statement: str) -> Sequence[Any]:
        if "ACCOUNT_USAGE" in statement:
            raise ReadRefusedError("Object does not exist or not authorized.")
        return refusing_one_role(ask, statement)

    facts = live(refusing, "live")
    assert {one.principal and one.principal.name for one in facts.unread} == {"READER"}
    assert verdict(facts, "ANN", "SELECT", "D.S.T") is Verdict.UNKNOWN
    assert verdict(facts, "USERADMIN", "SELECT", "D.S.T") is Verdict.NO


def test_an_account_that_tells_nothing_is_unknown_not_empty() -> None:
    def refusing(statement: str) -> Sequence[Any]:
        raise ReadRefusedError("no")

    facts = live(refusing, "live")
    assert {one.what for one in facts.unread} >= {"SHOW ROLES", "SHOW USERS"}


def test_a_reader_without_manage_grants_is_not_believed() -> None:
    rows = {
        "SHOW ROLES": [{"name": "GUEST"}],
        "SELECT CURRENT_ROLE() AS NAME": [{"name": "GUEST"}],
    }
    facts = live(lambda statement: rows.get(statement, []), "live")
    assert "MANAGE GRANTS" in facts.unread[0].why
