"""What is printed where, and how wide."""

from __future__ import annotations

import json

import pytest

from cli import console


def test_a_table_that_fits_has_its_columns_side_by_side(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.say_table(("name", "rows"), [("GYMS", 3), ("EVENTS", None)])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["GYMS", "3"] for line in lines)


def test_a_table_that_does_not_fit_is_shown_value_by_value_without_the_empty_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = [f"column_{number}" for number in range(40)]
    console.say_table(columns, [["x"] * 39 + ["y"], [None] * 40])
    printed = capsys.readouterr().out
    assert "1 of 2" in printed
    assert printed.count("column_39  y") == 1
    assert printed.count("column_5 ") == 1


def test_columns_without_a_value_give_way_first(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [f"column_{number}" for number in range(40)]
    console.say_table(columns, [["x", *[None] * 38, "y"]])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["column_0", "column_39"] in lines
    assert ["x", "y"] in lines


def test_text_in_square_brackets_is_data_and_not_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.say_table(("value",), [("[bold]x[/bold]",)])
    assert "[bold]x[/bold]" in capsys.readouterr().out


def test_json_is_the_only_thing_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with console.step("work") as running:
        running.note("busy")
        running.done("well")
    console.hint("a remark")
    console.say_json({"rows": 3})
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"rows": 3}
    assert "✓ work" in printed.err
    assert "well" in printed.err


def test_a_step_that_fails_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="boom"), console.step("work"):
        raise ValueError("boom")
    assert "✗ work" in capsys.readouterr().err
