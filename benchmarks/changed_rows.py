"""The tables that a refresh is measured with, and what changes in them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from benchmarks.failover import COLUMNS

TABLE: Final = "DB.PUBLIC.T"
MADE: Final = "SELECT {columns} FROM TABLE(GENERATOR(ROWCOUNT => {rows}))"


class Shape(NamedTuple):
    """A table: its columns in terms of SEQ8(), a row's number, and what a change sets."""

    title: str
    columns: str
    number: str
    measure: str


SHAPES: Final = (
    Shape(
        "5 columns",
        "SEQ8() AS ID, MOD(SEQ8(), 1000) AS N, 'row number ' || SEQ8() AS NAME, "
        "SEQ8() * 1.5 AS X, SEQ8() * 7 AS Y",
        "ID",
        "X",
    ),
    Shape("the mart's columns", COLUMNS, "TO_NUMBER(CENSUS_BLOCK_GROUP)", "OPPORTUNITY_SCORE"),
)


def changes(shape: Shape, rows: int) -> Iterator[tuple[str, str]]:
    """What each refresh is to carry, and the statement that does it."""
    some, number = rows // 100, f"MOD({shape.number}, 1000)"
    added = f"INSERT INTO {TABLE} {MADE.format(columns=shape.columns, rows=some)}"
    changed = " ".join(("UPDATE", TABLE, "SET", shape.measure, "= {value} WHERE {which}"))
    deleted = " ".join(("DELETE FROM", TABLE, "WHERE", number, "BETWEEN 500 AND 509"))
    first = f"{shape.number} < {some // 2}"  # the numbers of the first half were added again
    yield "nothing", "SELECT 1"
    yield "1 % added", added
    yield "1 % changed, side by side", changed.format(value=-1, which=first)
    yield "1 % changed, everywhere", changed.format(value=-2, which=f"{number} BETWEEN 20 AND 29")
    yield "1 % deleted, everywhere", deleted
    yield "1 % added, to a table with gaps", added
