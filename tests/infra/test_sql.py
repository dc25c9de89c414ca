"""A value put into SQL never leaves its place."""

import pytest

from infra.model.sql import PlaceholderError, Value, joined, name, sql


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (name("DB", 'A"B'), '"DB"."A""B"'),
        ("it's", "'it''s'"),
        ("a\\'; DROP TABLE x; --", "'a\\\\''; DROP TABLE x; --'"),
        (3, "3"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (("a", "b"), "('a', 'b')"),
        ((name("A"), 1), '("A", 1)'),
        (sql("CURRENT_TIMESTAMP()"), "CURRENT_TIMESTAMP()"),
        ("{other}", "'{other}'"),
    ],
)
def test_a_value_is_quoted_by_what_it_is(value: Value, text: str) -> None:
    assert sql("SELECT {value}", value=value) == f"SELECT {text}"


@pytest.mark.parametrize(
    ("template", "values"), [("SELECT {a}", {}), ("SELECT 1", {"a": 1}), ("{a}{b}", {"a": 1})]
)
def test_a_template_and_its_values_fit_each_other(template: str, values: dict[str, int]) -> None:
    with pytest.raises(PlaceholderError):
        sql(template, **values)


def test_built_pieces_stay_built() -> None:
    both = joined([sql("a = {x}", x=1), sql("b = {x}", x="y")], " AND ")
    assert sql("SELECT {both}", both=both) == "SELECT a = 1 AND b = 'y'"
