"""Exceptions: they excuse what they name until their day, and a broken date excuses nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.exemption import Exemption
from infra.model.rules.catalogue import RULES
from infra.model.rules.item import Kind
from infra.model.rules.judging import Judgement, judge
from infra.model.rules.rule import Ground, Severity
from policies.facts import ground
from tests.policies.estate import broken

TODAY = date(2026, 12, 1)
GOOD: dict[str, Any] = {
    "rule": "warehouse-suspends",
    "objects": ("BI_WH",),
    "reason": "The board's dashboards must not wait in December",
    "owner": "data-platform",
    "until": "2026-12-31",
}


def judged(today: date = TODAY, **exception: Any) -> Judgement:
    """An estate with a warehouse that suspends late, under one exception."""
    prod = ground("prod")
    excused = {"BOARD": Exemption.model_validate({**GOOD, **exception})}
    facts = prod.environment.model_copy(update={"exceptions": excused})
    items = broken(Kind.WAREHOUSE, "BI_WH", auto_suspend=3600)
    return judge(RULES, items, Ground(facts, prod.name), today)


def test_an_exception_excuses_what_it_names_and_is_told_of() -> None:
    judgement = judged()
    assert judgement.findings == ()
    (excused,) = judgement.excused
    assert (excused.name, excused.finding.item.name) == ("BOARD", "BI_WH")


@pytest.mark.parametrize("names", [("*_WH",), ("OTHER", "B?_WH")])
def test_a_pattern_stands_for_names(names: tuple[str, ...]) -> None:
    assert judged(objects=names).findings == ()


@pytest.mark.parametrize(
    "other", [{"rule": "statements-end"}, {"objects": ("DEV_WH",)}, {"objects": ("bi_wh",)}]
)
def test_it_excuses_nothing_else(other: dict[str, Any]) -> None:
    (finding,) = judged(**other).findings
    assert finding.ended == ""


def test_the_last_day_counts_and_the_next_does_not() -> None:
    assert judged(date(2026, 12, 31)).findings == ()
    (finding,) = judged(date(2027, 1, 1)).findings
    assert finding.words.endswith("(its exception BOARD ended with '2026-12-31')")


@pytest.mark.parametrize("until", ["", "soon", "2026-13-01", "31.12.2026", "20261301", "never"])
def test_a_date_that_cannot_be_read_has_ended(until: str) -> None:
    (finding,) = judged(until=until).findings
    assert f"BOARD ended with {until!r}" in finding.words


def test_findings_from_a_severity_on() -> None:
    judgement = judged(rule="statements-end")
    assert len(judgement.at_least(Severity.HIGH)) == 1
    assert judgement.at_least(Severity.CRITICAL) == ()


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (
            "exceptions:\n  A: {rule: warehouse-suspend, objects: [X], reason: because, "
            "owner: me and you, until: '2026-12-31'}\n",
            "exceptions.A.rule: got 'warehouse-suspend', allowed: one of ",
        ),
        (
            "exceptions:\n  A: {rule: warehouse-suspends, objects: [X], owner: data, until: x}\n",
            "exceptions.A.reason: got nothing, allowed: text",
        ),
        (
            "limits:\n  raw_writers: [LOADRE]\n",
            "limits.raw_writers.0: got 'LOADRE', allowed: one of ",
        ),
    ],
)
def test_a_wrong_exception_or_limit_is_reported_as_any_fact(
    clone: Path, facts: str, problem: str
) -> None:
    place = clone / "environments" / "local.yaml"
    place.write_text(f"{place.read_text()}\n{facts}")
    with pytest.raises(settings.SettingsError) as raised:
        settings.load(clone, "local")
    assert any(
        line.startswith(f"environments/local.yaml:{problem}") for line in raised.value.problems
    )
