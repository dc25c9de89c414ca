"""Accepted differences: a good entry excuses, and each fault in it makes it excuse nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion.yaml_file import InvalidInputError
from ops.access.names import Securable
from ops.drift.accepted import Acceptance, file_of, load, split
from ops.drift.finding import Finding, Form, Subject

DAY = date(2026, 5, 10)
ROLE = Finding(Form.UNKNOWN, Subject.OBJECT, Securable("ROLE", ("BY_HAND",)))
GOOD = Acceptance(finding="role BY_HAND", reason="a trial", owner="Ann", until="2026-05-10")


def with_file(root: Path, text: str) -> Path:
    """A repository whose file of accepted differences says that."""
    path = root / file_of("local")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return root


def test_an_acceptance_excuses_to_its_last_day() -> None:
    assert split([ROLE], [GOOD], DAY).open == []
    assert split([ROLE], [GOOD], date(2026, 5, 11)).open == [ROLE]


@pytest.mark.parametrize("until", ["soon", "2026-13-01", "10.05.2026", ""])
def test_a_date_that_cannot_be_read_has_ended(until: str) -> None:
    found = split([ROLE], [GOOD.model_copy(update={"until": until})], DAY)
    assert (found.open, [one.until for one in found.ended]) == ([ROLE], [until])


def test_an_acceptance_of_something_else_excuses_nothing_and_is_told() -> None:
    other = GOOD.model_copy(update={"finding": "role OTHER"})
    found = split([ROLE], [other], DAY)
    assert (found.open, found.idle) == ([ROLE], [other])


def test_a_star_stands_for_any_letters() -> None:
    assert split([ROLE], [GOOD.model_copy(update={"finding": "role BY_*"})], DAY).open == []


def test_a_stack_without_a_file_accepts_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "local") == ()


def test_a_date_of_yaml_is_a_date(tmp_path: Path) -> None:
    entry = "{finding: role BY_HAND, reason: a trial, owner: Ann, until: 2026-05-10}"
    assert load(with_file(tmp_path, f"accepted: [{entry}]"), "local") == (GOOD,)


def test_all_problems_of_the_file_are_told_at_once(tmp_path: Path) -> None:
    root = with_file(tmp_path, "accepted: [{finding: role X, owners: Ann, until: 2026-05-10}]")
    with pytest.raises(InvalidInputError) as error:
        load(root, "local")
    assert len(error.value.problems) == 3
    assert all("environments/drift/local.yaml:accepted.0" in one for one in error.value.problems)
