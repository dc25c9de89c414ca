"""A pipe's COPY: which stage, path and pattern it reads."""

from __future__ import annotations

import pytest

from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.pipe_definition import Source, read_source


@pytest.mark.parametrize(
    ("definition", "source"),
    [
        ("COPY INTO t FROM @s", Source(("S",))),
        ("copy into t from @db.raw.s/in/2024", Source(("DB", "RAW", "S"), "in/2024")),
        ('COPY INTO t FROM @"Db"."raw"."s/x"/p', Source(("Db", "raw", "s/x"), "p")),
        ("COPY INTO t FROM '@raw.s/a b/'", Source(("RAW", "S"), "a b/")),
        ("COPY INTO t FROM (SELECT $1, 'x@y' FROM @s/in (FILE_FORMAT => f))", Source(("S",), "in")),
        ("COPY INTO t FROM @s PATTERN = '.*[.]csv'", Source(("S",), "", ".*[.]csv")),
    ],
)
def test_the_source_is_read(definition: str, source: Source) -> None:
    assert read_source(definition) == source


def test_a_copy_from_no_stage_is_an_error() -> None:
    with pytest.raises(CompilationError, match="must read from a named stage"):
        read_source("COPY INTO t FROM 's3://bucket/path'")


def test_a_short_name_is_completed_with_the_pipes_own_place() -> None:
    home = ("DB", "RAW")
    assert Source(("S",)).resolved(home) == ("DB", "RAW", "S")
    assert Source(("OTHER", "S")).resolved(home) == ("DB", "OTHER", "S")
    assert Source(("X", "Y", "S")).resolved(home) == ("X", "Y", "S")


def test_a_pattern_matches_the_whole_name() -> None:
    source = Source(("S",), pattern=".*[.]csv")
    assert source.takes("gyms/a.csv")
    assert not source.takes("gyms/a.csv.bak")
