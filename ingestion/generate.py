"""Writing data sets of any size: the same arguments give the same bytes, on any machine.

Rows are streamed to the files as they are made, so memory does not grow with the scale (beyond a
short list of the gyms, which events refer to).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from ingestion import block_groups, events, gyms
from ingestion.allotment import Allotment, allot, event_count
from ingestion.feed import Feed, feed_named
from ingestion.places import places
from ingestion.yaml_file import InvalidInputError

SAMPLES: Final = Path(__file__).parent / "samples"
SEED: Final = 20261101
AS_OF: Final = date(2026, 11, 1)
ROWS_A_FILE: Final = 100_000


@dataclass(frozen=True)
class GeneratedFile:
    """A file that was written: its feed, where it is, its rows (without header) and its bytes."""

    feed: str
    path: Path
    rows: int
    size: int


@dataclass(frozen=True)
class Request:
    """What rows are made from."""

    allotments: Sequence[Allotment]
    scale: int
    seed: int
    as_of: date


def _block_groups(request: Request) -> Iterator[Any]:
    return block_groups.rows(request.allotments, request.seed, request.as_of)


def _gyms(request: Request) -> Iterator[Any]:
    return gyms.rows(request.allotments, request.seed, request.as_of)


def _events(request: Request) -> Iterator[Any]:
    directory = gyms.directory(request.allotments, request.seed, request.as_of)
    return events.documents(directory, event_count(request.scale), request.seed, request.as_of)


_GENERATORS: Final[dict[str, Callable[[Request], Iterator[Any]]]] = {
    "census_demographics": _block_groups,
    "gym_events": _events,
    "gyms": _gyms,
}


def generate(
    folder: Path,
    *,
    scale: int = 1,
    seed: int = SEED,
    feeds: Sequence[str] | None = None,
    as_of: date = AS_OF,
    rows_a_file: int = ROWS_A_FILE,
) -> list[GeneratedFile]:
    """Write files `<folder>/<feed>/<feed>-<number>.<csv|json>` and say what was written.

    Args:
        folder: made if missing; files of the same names are replaced.
        scale: 1 is the committed sample (3,000 block groups in sixteen counties, their gyms,
            3,000 events); 80 is the country (240,000 block groups, 60,000 gyms, 240,000
            events), and beyond that only the events grow.
        seed: of everything that is made up.
        feeds: names of the feeds to write; all that have a generator if None.
        as_of: the day of the export; nothing in the data is later.
        rows_a_file: where a file ends and the next begins.

    Raises:
        InvalidInputError: a feed has no generator, or a number is below 1.
    """
    names = tuple(_GENERATORS if feeds is None else feeds)
    allowed = ", ".join(_GENERATORS)
    problems = [f"feed: got {n!r}, allowed {allowed}" for n in names if n not in _GENERATORS]
    for key, value in (("scale", scale), ("rows_a_file", rows_a_file)):
        if value < 1:
            problems.append(f"{key}: got {value}, allowed 1 or more")
    if problems:
        raise InvalidInputError(problems)
    request = Request(allot(places(), scale), scale, seed, as_of)
    written: list[GeneratedFile] = []
    for name in names:
        lines = _GENERATORS[name](request)
        written.extend(_write(folder, feed_named(name), lines, rows_a_file))
    return written


def _write(
    folder: Path, feed: Feed, lines: Iterator[Any], rows_a_file: int
) -> Iterator[GeneratedFile]:
    write = _write_csv if feed.format.type == "CSV" else _write_json
    (folder / feed.name).mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(lines, start=1):
        path = folder / feed.name / f"{feed.name}-{number:04d}.{feed.extension}"
        rows = write(path, feed, chain([first], islice(lines, rows_a_file - 1)))
        yield GeneratedFile(feed.name, path, rows, path.stat().st_size)


def _write_csv(path: Path, feed: Feed, rows: Iterable[Sequence[object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name.lower() for column in feed.columns])
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_json(path: Path, feed: Feed, documents: Iterable[dict[str, Any]]) -> int:
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for document in documents:
            file.write(encode(document) + "\n")
            count += 1
    return count
