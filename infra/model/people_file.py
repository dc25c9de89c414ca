"""People as an HR system exports them: CSV with a header, one person a row.

The columns that we read are ``COLUMNS``, in any order; others are passed over, as an export has
more than we want to know. A fault names the file and the row as an editor counts lines.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from infra.model.problem import Problem

COLUMNS: Final = ("user", "email", "first_name", "last_name", "role", "warehouse")
"""``user`` may be lower case; ``role`` and ``warehouse`` are those of the facts."""
_OPTIONAL: Final = ("first_name", "last_name")
_NAME: Final = re.compile(r"^[A-Z_][A-Z0-9_$]*$")
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class Row(NamedTuple):
    """One person, and where they are written."""

    place: str
    """``environments/people/staff.csv:3``."""
    name: str
    facts: Mapping[str, str]
    """As in ``people`` of an environment file."""


def read(file: str, text: str) -> tuple[list[Row], list[Problem]]:
    """The people in a file's text, and every fault of form."""
    rows, problems = [], []
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing or (twice := [n for n in COLUMNS if (reader.fieldnames or ()).count(n) > 1]):
            got = f"no column {', '.join(missing)}" if missing else f"column {twice[0]} twice"
            return [], [Problem(f"{file}:1", "", got, f"a header with {', '.join(COLUMNS)}")]
        for given in reader:
            place = f"{file}:{reader.line_num}"
            cells = {name: (given.get(name) or "").strip() for name in COLUMNS}
            found = list(_faults(place, cells))
            if given.get(None) is not None:
                many = len(reader.fieldnames or ()) + len(given[None])
                header = f"{len(reader.fieldnames or ())}, as the header (a comma needs quotes)"
                found.append(Problem(place, "", f"{many} cells", header))
            problems += found
            if not found:
                facts = {k: v for k, v in cells.items() if k != "user" and v}
                rows.append(Row(place, cells["user"].upper(), facts))
    except csv.Error as error:
        problems.append(Problem(f"{file}:{reader.line_num + 1}", "", f"{error}", "CSV"))
    return rows, problems


def repeated(rows: Sequence[Row], others: Mapping[str, str]) -> Iterator[Problem]:
    """People and addresses that are there twice. ``others``: names that files of facts declare."""
    names, addresses = dict(others), dict[str, str]()
    for row in rows:
        if row.name in names:
            allowed = f"each person once (also in {names[row.name]})"
            yield Problem(row.place, "user", f"{row.name!r} again", allowed)
        names.setdefault(row.name, row.place)
        address = row.facts["email"].lower()
        if address in addresses:
            allowed = f"each address once (also in {addresses[address]})"
            yield Problem(row.place, "email", f"{address!r} again", allowed)
        addresses.setdefault(address, row.place)


def _faults(place: str, cells: Mapping[str, str]) -> Iterator[Problem]:
    for name in COLUMNS:
        if not cells[name] and name not in _OPTIONAL:
            yield Problem(place, name, "nothing", "text")
    if cells["user"] and not _NAME.match(cells["user"].upper()):
        yield Problem(place, "user", f"{cells['user']!r}", "a name like JANE_DOE")
    if cells["email"] and not _EMAIL.match(cells["email"]):
        yield Problem(place, "email", f"{cells['email']!r}", "an address like jane@example.com")
