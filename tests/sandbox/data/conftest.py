"""A data plane with one database, a stage of local files, and answers as plain values."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sandbox.snowflake.data.model import ObjectName, Outcome, QueryContext, StagedFile
from sandbox.snowflake.data.plane import DataPlane
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.errors import DoesNotExistError
from sandbox.snowflake.result import ArrowResult, Result

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
CONTEXT = QueryContext(
    database="LEAP",
    schema="MARTS",
    user="ANNA",
    role="ANALYST",
    warehouse="BI_WH",
    session_id=7,
    available_roles=("ANALYST", "PUBLIC"),
    now=NOW,
)


@dataclass
class LocalFiles:
    """Stages as folders."""

    root: Path
    formats: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    stage_options: Mapping[str, Any] = field(default_factory=dict)

    def put(self, name: str, data: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    def stage_files(self, stage: ObjectName, path: str) -> Sequence[StagedFile]:
        found = sorted(file for file in self.root.rglob("*") if file.is_file())
        return [
            self._staged(file)
            for file in found
            if str(file.relative_to(self.root)).startswith(path)
        ]

    def fetch(self, stage: ObjectName, file: StagedFile) -> Path:
        return self.root / file.name

    def remove(self, stage: ObjectName, file: StagedFile) -> None:
        (self.root / file.name).unlink()

    def stage_format(self, stage: ObjectName) -> Mapping[str, Any]:
        return self.stage_options

    def file_format(self, name: ObjectName) -> Mapping[str, Any]:
        if name.name not in self.formats:
            raise DoesNotExistError("File format", str(name))
        return self.formats[name.name]

    def _staged(self, file: Path) -> StagedFile:
        data = file.read_bytes()
        etag = hashlib.sha256(data).hexdigest()
        return StagedFile(str(file.relative_to(self.root)), len(data), etag, NOW)


@dataclass
class Client:
    """A session that answers rows of plain values."""

    plane: DataPlane
    context: QueryContext
    session: DataSession
    count: int = 0

    def outcome(
        self, sql: str, bindings: Mapping[str, Any] | None = None, **options: Any
    ) -> Outcome:
        previous, self.count = f"query-{self.count}", self.count + 1
        context = replace(self.context, statement_id=f"query-{self.count}", last_query_id=previous)
        return self.plane.execute(self.session, sql, context, bindings, **options)

    def __call__(
        self, sql: str, bindings: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        return rows_of(self.outcome(sql, bindings))

    def dicts(self, sql: str) -> list[dict[str, Any]]:
        outcome = self.outcome(sql)
        names = columns_of(outcome)
        return [dict(zip(names, row, strict=True)) for row in rows_of(outcome)]

    def value(self, sql: str) -> Any:
        return self(sql)[0][0]


def columns_of(outcome: Outcome) -> list[str]:
    return [column["name"] for column in outcome.result.to_wire()["rowtype"]]


def rows_of(outcome: Outcome) -> list[tuple[Any, ...]]:
    result = outcome.result
    if isinstance(result, Result):
        return [tuple(plain(value) for value in row) for row in result.rows]
    assert isinstance(result, ArrowResult)
    if not result.ipc_base64:
        return []
    table = pa.ipc.open_stream(base64.b64decode(result.ipc_base64)).read_all()
    columns = [column.to_pylist() for column in table.columns]
    return [tuple(plain(value) for value in row) for row in zip(*columns, strict=True)]


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        moment = datetime.fromtimestamp(value["epoch"], UTC).replace(tzinfo=None)
        return moment.replace(microsecond=value["fraction"] // 1000).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    root = tmp_path / "stage"
    root.mkdir()
    return LocalFiles(root)


@pytest.fixture
def plane(tmp_path: Path, files: LocalFiles) -> Iterator[DataPlane]:
    opened = open_plane(tmp_path / "data", files)
    yield opened
    opened.close()


@pytest.fixture
def connect(plane: DataPlane) -> Callable[..., Client]:
    """Another session: `connect(role="X", schema="RAW")`."""

    def connected(**changes: Any) -> Client:
        return Client(plane, replace(CONTEXT, **changes), plane.open_session())

    return connected


@pytest.fixture
def ask(connect: Callable[..., Client]) -> Client:
    """A session: `ask(sql)` answers rows, `ask.value(sql)` the one value, `ask.dicts(sql)` …"""
    return connect()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A session for tests that only read."""
    folder = tmp_path_factory.mktemp("shared")
    plane = open_plane(folder / "data", LocalFiles(folder))
    yield Client(plane, CONTEXT, plane.open_session())
    plane.close()


def open_plane(folder: Path, files: LocalFiles) -> DataPlane:
    plane = DataPlane(folder, files)
    plane.create_database("LEAP")
    for schema in ("RAW", "STAGING", "MARTS"):
        plane.create_schema("LEAP", schema)
    return plane
