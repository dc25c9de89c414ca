"""The workflows that check commits and open the weekly release."""

from __future__ import annotations

import pytest

from tests.cli.test_preview_workflows import steps, workflow


def test_every_pull_request_s_commits_and_title_are_checked_before_anything_else() -> None:
    runs = [step.get("run", "") for step in steps("ci.yml")]
    check = next(run for run in runs if "release check" in run)
    assert check == './leap release check --title "$TITLE" "$BASE..$HEAD"'
    assert runs.index(check) < runs.index(".ci/run")
    assert steps("ci.yml")[0]["with"]["fetch-depth"] == 0


def test_a_release_is_opened_every_week_by_a_token_that_runs_checks() -> None:
    found = workflow("release.yml")
    assert found["on"]["schedule"] == [{"cron": "0 7 * * 1"}]
    assert found["permissions"] == {"contents": "read"}
    (job,) = found["jobs"].values()
    assert job["env"]["GITHUB_TOKEN"] == "${{ secrets.LEAP_RELEASE_TOKEN }}"
    checkout = next(step for step in job["steps"] if "checkout" in step.get("uses", ""))
    assert checkout["with"] == {
        "ref": "develop",
        "fetch-depth": 0,
        "persist-credentials": False,
    }
    assert not any("push" in step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("name", ["ci.yml", "release.yml"])
def test_no_expression_is_written_into_a_script(name: str) -> None:
    assert not [step for step in steps(name) if "${{" in step.get("run", "")]


def test_what_needs_the_token_is_skipped_without_it() -> None:
    guarded = [step.get("if") for step in steps("release.yml")[1:]]
    assert set(guarded) == {"steps.token.outputs.there == 'true'"}
