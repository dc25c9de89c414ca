"""The engine's record of updates, where its backend is no folder: the engine is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cli.deployment import updates

ANSWER = """
print(json.dumps([
    {"kind": "update", "startTime": "2026-11-28T21:30:00.000Z", "result": "in-progress"},
    {"kind": "refresh", "startTime": "2026-11-28T21:20:00.000Z",
     "endTime": "2026-11-28T21:20:30.000Z", "result": "succeeded"},
    {"kind": "destroy", "startTime": "2026-11-28T21:10:00.000Z",
     "endTime": "2026-11-28T21:10:30.000Z", "result": "failed"},
]))
"""


def test_runs_of_the_program_that_ended_are_told(
    fake_pulumi: Callable[[str], dict[str, str]],
) -> None:
    variables = fake_pulumi(ANSWER) | {"PULUMI_BACKEND_URL": "s3://bucket"}
    began = datetime(2026, 11, 28, 21, 10, tzinfo=UTC)
    ended = datetime(2026, 11, 28, 21, 10, 30, tzinfo=UTC)
    assert list(updates.of("prod", variables)) == [updates.Update(began, ended, succeeded=False)]


def test_a_stack_that_was_never_run_has_none(
    fake_pulumi: Callable[[str], dict[str, str]],
) -> None:
    assert list(updates.of("prod", fake_pulumi("print('[]')") | {"PULUMI_BACKEND_URL": ""})) == []
