"""The report for other programs: JSON, SARIF, and one page."""

import json
import re
from importlib import import_module

import pytest
from pydantic import ValidationError

from cli.audit_words import show
from ops.audit.page import as_page
from ops.audit.report import Report, as_json
from ops.audit.sarif import Place, as_sarif
from ops.github.guards import Guard


def test_json_says_what_was_found_excused_unread_and_kept(report: Report) -> None:
    told = json.loads(json.dumps(as_json(report)))
    (finding,) = told["findings"]
    assert (finding["rule"], finding["object"]) == ("warehouse-suspends", "BI_WH")
    assert finding["severity"] == "high"
    assert finding["remedy"] == "Lower auto_suspend in environments/."
    (excused,) = told["excused"]
    assert (excused["exception"], excused["until"]) == ("BOARD", "2026-12-31")
    assert told["unread"] == [{"what": "SHOW USERS", "why": "Insufficient privileges"}]
    assert told["counts"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    assert "warehouse-suspends" not in told["unbroken"]
    assert "statements-end" in told["unbroken"]


def test_sarif_has_a_place_a_rule_and_a_suppression_for_each_result(report: Report) -> None:
    document = json.loads(json.dumps(as_sarif(report, lambda _: Place("environments/x.yaml", 7))))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["warehouse-suspends", "statements-end"]
    found, excused = run["results"]
    assert (found["ruleId"], found["level"]) == ("warehouse-suspends", "error")
    assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "environments/x.yaml"
    assert place["region"] == {"startLine": 7}
    assert "suppressions" not in found
    (suppression,) = excused["suppressions"]
    assert suppression["kind"] == "external"
    assert "BOARD" in suppression["justification"]
    (gap,) = run["invocations"][0]["toolExecutionNotifications"]
    assert gap["message"]["text"] == "not read: SHOW USERS: Insufficient privileges"


def test_sarif_is_what_the_schema_of_2_1_0_allows(report: Report) -> None:
    document = as_sarif(report, lambda _: Place("environments/x.yaml", 7))
    schema = import_module("pydantic_sarif.model")  # generated from the schema, by others
    log = schema.StaticAnalysisResultsFormatSarifVersion210JsonSchema
    log.model_validate_json(json.dumps(document))
    document["runs"][0]["results"][0]["severity"] = "high"
    with pytest.raises(ValidationError, match="severity"):
        log.model_validate_json(json.dumps(document))


def test_a_result_keeps_its_fingerprint_when_its_words_change(report: Report) -> None:
    def mark(one: Report) -> str:
        document = as_sarif(one, lambda _: Place("f", 1))
        text: str = document["runs"][0]["results"][0]["partialFingerprints"]["ruleAndObject/v1"]
        return text

    finding = report.judgement.findings[0]._replace(message="otherwise.")
    other = report._replace(judgement=report.judgement._replace(findings=(finding,)))
    assert mark(report) == mark(other)


def test_who_may_change_the_code_is_in_every_form(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    guard = Guard("leap", "main", told=True, reviews=1, merge_unreviewed=frozenset({"<ann>"}))
    asked = report._replace(guards=(guard,))
    words = "main of leap: a merge needs 1 approval, but <ann> may do without."
    (told,) = as_json(asked)["github"]
    assert (told["merge_unreviewed"], words in told["sentences"]) == (["<ann>"], True)
    assert "but &lt;ann&gt; may do without." in as_page(asked)
    show(asked)
    assert words in capsys.readouterr().out
    assert "Who may change the code" not in as_page(report)


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_it_shows(report: Report) -> None:
    page = as_page(report)
    assert "It suspends after 86400 idle seconds" in page
    assert "The board&#x27;s &lt;yearly&gt; report" in page
    assert "Insufficient privileges" in page
    assert "1 finding is medium or graver." in page
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)
