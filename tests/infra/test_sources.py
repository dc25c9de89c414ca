"""Marketplace and uploads: read by the roles that are named, imported once in an account."""

from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.grants import derive_grants
from infra.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_target_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEAP_TARGET", raising=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "marketplace: {LEAP_ANALYTICS: {provider: A.B, share: C}}",
            "marketplace.LEAP_ANALYTICS: got the name of the platform's database",
        ),
        (
            "marketplace: {X: {provider: A.B, share: C, readers: [CII]}}",
            "marketplace.X.readers.0: got 'CII', allowed: one of",
        ),
        (
            "marketplace: {X: {provider: A, share: C}}",
            "marketplace.X.provider: got 'A', allowed: text like",
        ),
        (
            "stages: {MANUAL_UPLOADS: {writers: [REPORTER]}}",
            "stages.MANUAL_UPLOADS.writers.0: got 'REPORTER', allowed: a role with a level on RAW",
        ),
        (
            "stages: {MANUAL_UPLOADS: {schema: ROW}}",
            "stages.MANUAL_UPLOADS.schema: got 'ROW', allowed: one of",
        ),
    ],
)
def test_a_wrong_source_is_one_problem(clone: Path, text: str, expected: str) -> None:
    (clone / "environments" / "dev.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings.load(clone, "dev")
    (problem,) = caught.value.problems
    assert problem.startswith(f"environments/dev.yaml:{expected}")


def test_a_share_is_imported_by_one_environment_of_an_account(deployed: Any) -> None:
    kind = "snowflake:index/sharedDatabase:SharedDatabase"
    made = {
        stack: [r.inputs["fromShare"] for r in deployed(stack) if r.type == kind]
        for stack in ("local", "dev", "prod")
    }
    share = ["LEAP.MARKETPLACE.US_OPEN_CENSUS_DATA"]
    assert made == {"local": share, "dev": [], "prod": share}


def test_who_uploads_reads_too_and_the_loader_only_reads() -> None:
    grants = derive_grants(settings.load(ROOT, "local").environment)
    held = {g.role: g.privileges for g in grants if g.on == "STAGE"}
    both = ("READ", "WRITE")
    assert held == {"DATA_ENGINEER": both, "DATA_ADMIN": both, "LOADER": ("READ",)}


def test_readers_of_a_share_are_those_of_the_facts() -> None:
    grants = derive_grants(settings.load(ROOT, "local").environment)
    readers = {g.role for g in grants if g.privileges == ("IMPORTED PRIVILEGES",)}
    assert readers == {"DATA_ENGINEER", "DATA_ADMIN", "TRANSFORMER", "CI"}
