"""`leap audit` as it is typed: its exit codes, and one JSON value on standard output."""

import json
from pathlib import Path

import pytest

from cli.audit_places import finder
from cli.main import main
from infra.model.rules.catalogue import RULES
from infra.model.rules.item import Item, Kind
from infra.model.rules.judging import Finding
from infra.model.rules.rule import Severity
from ops.audit.sarif import Place


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_the_shipped_facts_are_clean(stack: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--stack", stack, "--json", "--threshold", "low"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == []
    assert told["source"] == f"declared, stack {stack}"


def test_two_sources_are_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--live", "--state"]) == 2
    assert "at most one of --live, --state and --plan" in capsys.readouterr().err


def test_a_threshold_that_is_none_is_bad_input() -> None:
    assert main(["audit", "--threshold", "severe"]) == 2


def test_forms_are_written_beside_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sarif, page = tmp_path / "a.sarif", tmp_path / "a.html"
    assert main(["audit", "--sarif", str(sarif), "--html", str(page)]) == 0
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert page.read_text().startswith("<!doctype html>")
    assert "nothing found" in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    assert main(["audit", "--html", str(tmp_path / "no" / "where.html")]) == 2


@pytest.mark.parametrize(
    ("item", "place", "words"),
    [
        (Item(Kind.WAREHOUSE, "DEV__BI_WH", {}, "warehouses.BI_WH"), "dev", "BI_WH:"),
        (Item(Kind.WAREHOUSE, "DEV__DEV_WH", {}, "urn:pulumi:dev::x"), "base", "DEV_WH:"),
        (Item(Kind.DATABASE, "DEV__LEAP_ANALYTICS", {}), "dev", "database:"),
        (Item(Kind.BUCKET, "somewhere", {}), "base", "access:"),
    ],
)
def test_a_finding_leads_to_the_line_that_mends_it(item: Item, place: str, words: str) -> None:
    found: Place = finder("dev")(Finding(RULES[0], Severity.LOW, item, "it is."))
    assert found.file == f"environments/{place}.yaml"
    lines = (Path(__file__).resolve().parents[2] / found.file).read_text().splitlines()
    assert lines[found.line - 1].strip() == words
