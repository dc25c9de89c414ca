"""The matrix of `leap access` in words: who is shown, as plain values, as a short table."""

from __future__ import annotations

from typing import Any

from cli.console import say_table
from ops.access.answer import securable_json
from ops.access.facts import Facts
from ops.access.graph import PUBLIC
from ops.access.matrix import Matrix, in_a_word
from ops.access.names import Principal, PrincipalKind
from ops.access.system import ADMINISTRATORS


def shown(facts: Facts, *, everybody: bool) -> list[Principal]:
    """People, then the roles that somebody works in."""
    hidden = set() if everybody else {PUBLIC, *ADMINISTRATORS, *facts.carriers}
    shown = [one for one in facts.principals if one not in hidden]
    return sorted(shown, key=lambda one: (one.kind is not PrincipalKind.USER, one.name))


def plain(grid: Matrix, people: list[Principal]) -> list[dict[str, Any]]:
    """For `--json`: each object with what each principal may there."""
    return [
        {
            "object": securable_json(row.securable),
            "access": {
                f"{one.kind.lower()}:{one.name}": list(cell)
                for one, cell in zip(people, grid.cells(row, people), strict=True)
                if cell
            },
        }
        for row in grid.rows
    ]


def say_grid(grid: Matrix, people: list[Principal], title: str) -> None:
    """One line for each principal and place; objects with the same access stand together."""

    places: dict[tuple[Principal, str, str], list[str]] = {}
    for row in grid.rows:
        for one, cell in zip(people, grid.cells(row, people), strict=True):
            if cell:
                path = row.securable.path
                place = ".".join(path[:-1]) or "account"
                places.setdefault((one, place, in_a_word(cell)), []).append(
                    path[-1] if path else ""
                )
    rows = [
        (one.name, place, word, ", ".join(names))
        for (one, place, word), names in sorted(places.items(), key=lambda item: item[0])
    ]
    say_table(("who", "in", "may", "objects"), rows, title=title)
