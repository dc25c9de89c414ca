"""`leap access diff`: the account, or the state, held against the facts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cli import access_sources
from cli.main import main
from ops.access.facts import Facts, Unread
from ops.access.names import Securable, role, user

T = Securable("TABLE", ("D", "S", "T"))
BY_HAND = Securable("TABLE", ("D", "S", "BY_HAND"))
Change = Callable[[Facts], None]


def _facts(source: str) -> Facts:
    """What is declared, and stands: Ann reads the tables of D.S, those to come too."""
    found = Facts(source)
    found.grant_role(role("READER"), user("ANN"))
    found.grant(role("READER"), ("USAGE",), Securable("DATABASE", ("D",)))
    found.grant(role("READER"), ("USAGE",), Securable("SCHEMA", ("D", "S")))
    found.grant(role("READER"), ("SELECT",), T)
    found.grant(role("READER"), ("SELECT",), Securable("TABLE", ("D", "S", "<TABLE>")))
    return found


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Facts:
    """The account, which is what the facts declare."""
    found = _facts("live account (sandbox)")
    monkeypatch.setattr(access_sources, "of_tree", lambda _: _facts("declared, stack local"))
    monkeypatch.setattr(access_sources, "of_account", lambda _: found)
    return found


def diff(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[tuple[str, str, str]]]:
    """The exit code, and who gains or loses what."""
    code = main(["access", "diff", "--live", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["from"], told["to"]) == ("declared, stack local", "live account (sandbox)")
    changes = [
        (one["principal"]["name"], one["change"], one["object"]["name"]) for one in told["changes"]
    ]
    return code, changes


@pytest.mark.usefixtures("live")
def test_an_account_that_is_what_is_declared_has_no_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert diff(capsys) == (0, [])
    assert main(["access", "diff", "--live"]) == 0
    assert "Nobody gains or loses anything." in capsys.readouterr().out


def test_a_grant_by_hand_is_a_gain_of_its_people(
    live: Facts, capsys: pytest.CaptureFixture[str]
) -> None:
    live.grant(role("READER"), ("DELETE",), T)
    expected = [("READER", "gains", "D.S.T"), ("ANN", "gains", "D.S.T")]
    assert diff(capsys) == (1, expected)


def test_a_table_by_hand_that_future_grants_cover_is_no_difference(
    live: Facts, capsys: pytest.CaptureFixture[str]
) -> None:
    live.grant(role("READER"), ("SELECT",), BY_HAND)
    assert diff(capsys) == (0, [])


def test_a_role_given_by_hand_is_a_gain(live: Facts, capsys: pytest.CaptureFixture[str]) -> None:
    live.grant_role(role("READER"), user("BEA"))
    code, changes = diff(capsys)
    assert code == 1
    assert ("BEA", "gains", "D.S.T") in changes
    assert {who for who, _, _ in changes} == {"BEA"}


def test_what_the_account_lacks_is_a_loss(
    monkeypatch: pytest.MonkeyPatch, live: Facts, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = _facts("declared, stack local")
    declared.grant(role("READER"), ("INSERT",), T)
    monkeypatch.setattr(access_sources, "of_tree", lambda _: declared)
    assert diff(capsys) == (1, [("READER", "loses", "D.S.T"), ("ANN", "loses", "D.S.T")])


def test_a_state_knows_more_than_the_facts_and_that_is_no_difference(
    monkeypatch: pytest.MonkeyPatch, live: Facts, capsys: pytest.CaptureFixture[str]
) -> None:
    state = _facts("deployed, stack local")
    state.grant(role("ACCOUNTADMIN"), ("OWNERSHIP",), Securable("ALERT", ("D", "S", "A")))
    state.grant(role("ACCOUNTADMIN"), ("USAGE",), Securable("DATABASE", ("ELSEWHERE",)))
    monkeypatch.setattr(access_sources, "of_state", lambda _: state)
    assert main(["access", "diff", "--deployed"]) == 0
    assert "Nobody gains or loses anything." in capsys.readouterr().out


@pytest.mark.parametrize(("of_tree", "word"), [(True, "gains"), (False, "loses")])
def test_from_the_state_to_the_tree_what_the_tree_adds_is_gained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], of_tree: bool, word: str
) -> None:
    state, tree = _facts("deployed, stack local"), _facts("declared, stack local")
    (tree if of_tree else state).grant(role("READER"), ("INSERT",), T)
    monkeypatch.setattr(access_sources, "of_state", lambda _: state)
    monkeypatch.setattr(access_sources, "of_tree", lambda _: tree)
    assert main(["access", "diff", "--deployed", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["from"], told["to"]) == ("deployed, stack local", "declared, stack local")
    assert {one["change"] for one in told["changes"]} == {word}
    assert [one["principal"]["name"] for one in told["changes"]] == ["READER", "ANN"]


def test_what_could_not_be_read_is_never_a_loss(
    monkeypatch: pytest.MonkeyPatch, live: Facts, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = _facts("declared, stack local")
    declared.grant(role("READER"), ("INSERT",), T)
    monkeypatch.setattr(access_sources, "of_tree", lambda _: declared)
    what = 'SHOW GRANTS TO ROLE "READER"'
    live.unread.append(Unread(what, "Insufficient privileges", role("READER")))
    assert diff(capsys) == (3, [])
    assert main(["access", "diff", "--live"]) == 3
    told = capsys.readouterr()
    assert "Not known, because the account could not be read in full" in told.out
    assert f"could not be read: {what}" in told.err
