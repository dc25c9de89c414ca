"""Objects outlive the process, and a failed statement leaves none behind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.kinds.registry import KINDS

_NOW = datetime(2026, 1, 16, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "catalogue.sqlite", KINDS)


def _estate(store: Store) -> None:
    with store.transaction():
        store.add("DATABASE", ("D",), None, _NOW, {})
        store.add("SCHEMA", ("D", "S"), None, _NOW, {"COMMENT": "kept"})
        store.add("TABLE", ("D", "S", "T"), None, _NOW, {})


def test_objects_are_found_again_after_a_restart(store: Store, tmp_path: Path) -> None:
    _estate(store)
    store.close()
    again = Store(tmp_path / "catalogue.sqlite", KINDS)
    schema = again.find("SCHEMA", ("D", "S"))
    assert schema is not None
    assert (schema.comment, schema.created_on) == ("kept", _NOW)


def _half_a_drop(store: Store) -> None:
    with store.transaction():
        record = store.find("DATABASE", ("D",))
        assert record is not None
        store.remove(record)
        raise ValueError("half-way")


def test_a_failure_inside_a_transaction_takes_everything_back(store: Store) -> None:
    _estate(store)
    with pytest.raises(ValueError, match="half-way"):
        _half_a_drop(store)
    assert store.find("TABLE", ("D", "S", "T")) is not None


def test_removing_a_database_removes_all_below_it(store: Store) -> None:
    _estate(store)
    database = store.find("DATABASE", ("D",))
    assert database is not None
    with store.transaction():
        gone = store.remove(database)
    assert [record.path for record in gone] == [("D",), ("D", "S"), ("D", "S", "T")]
    assert store.all("TABLE") == []


def test_renaming_a_database_renames_all_below_it_and_keeps_ids(store: Store) -> None:
    _estate(store)
    database, table = store.find("DATABASE", ("D",)), store.find("TABLE", ("D", "S", "T"))
    assert database is not None
    assert table is not None
    with store.transaction():
        store.move(database, ("E",))
    assert store.find("TABLE", ("E", "S", "T")) is table
    assert store.find("TABLE", ("D", "S", "T")) is None


def test_a_new_object_never_gets_the_id_of_a_removed_one(store: Store, tmp_path: Path) -> None:
    with store.transaction():
        record = store.add("ROLE", ("R",), None, _NOW, {})
        store.remove(record)
    store.close()
    again = Store(tmp_path / "catalogue.sqlite", KINDS)
    with again.transaction():
        assert again.add("ROLE", ("R",), None, _NOW, {}).id > record.id


def test_who_reads_while_a_failed_statement_is_undone_misses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _estate(store)
    seen, space = [], store._space

    def looking(record: Record) -> str:
        seen.append(len(store.all("DATABASE") + store.all("SCHEMA") + store.all("TABLE")))
        return space(record)

    monkeypatch.setattr(store, "_space", looking)
    with pytest.raises(RuntimeError), store.transaction():
        raise RuntimeError
    assert seen == [3, 3, 3]
