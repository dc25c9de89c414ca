"""Every kind of resource that a stack declares goes through its life in a test."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.kinds import CHANGES, ELSEWHERE, MADE

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).resolve().parents[2]
OF_NO_CLOUD = ("leap:", "pulumi:")


def declared() -> set[str]:
    """The types in the pinned URNs of all stacks."""
    urns = [line for file in GOLDEN.glob("urns-*.txt") for line in file.read_text().splitlines()]
    return {urn.split("::")[2].rpartition("$")[2] for urn in urns}


def test_every_kind_that_a_stack_declares_is_changed_somewhere() -> None:
    left = {
        kind
        for kind in declared()
        if not kind.startswith((*OF_NO_CLOUD, *ELSEWHERE))
        and kind.rpartition(":")[2] not in {*CHANGES, *MADE}
    }
    assert left == set()


def test_no_row_is_of_a_kind_that_nothing_declares_and_the_other_tests_exist() -> None:
    names = {kind.rpartition(":")[2] for kind in declared()}
    assert {*CHANGES, *MADE} - names == set()
    assert [file for file in ELSEWHERE.values() if not (ROOT / file).is_file()] == []
