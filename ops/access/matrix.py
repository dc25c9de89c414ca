"""Principals by objects: what each can use, as a grid, as CSV and as a picture.

A cell names every privilege in use there; OWNERSHIP stands for all. The picture is one HTML page
without scripts or links.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from ops.access.graph import Graph
from ops.access.names import Principal, Securable
from ops.access.privileges import OWNERSHIP

IDENTITIES: Final = frozenset({"ROLE", "USER", "DATABASE ROLE"})
_WRITING: Final = frozenset({"DELETE", "INSERT", "TRUNCATE", "UPDATE", "WRITE"})
_COLOURS: Final = {"own": "#7b3294", "write": "#d95f02", "use": "#1b9e77", "": "#f4f4f4"}


class Row(NamedTuple):
    """One object: for each privilege, the set of principals that can use it."""

    securable: Securable
    sets: dict[str, int]


class Matrix(NamedTuple):
    """The whole grid, held as sets."""

    graph: Graph
    rows: tuple[Row, ...]

    def cells(self, row: Row, principals: Sequence[Principal]) -> list[tuple[str, ...]]:
        """A row's cells, in the order of the principals that are asked for."""
        wanted = {principal: at for at, principal in enumerate(principals)}
        found: list[list[str]] = [[] for _ in principals]
        for privilege, members in sorted(row.sets.items()):
            for principal in self.graph.members(members):
                if principal in wanted:
                    found[wanted[principal]].append(privilege)
        return [(OWNERSHIP,) if OWNERSHIP in names else tuple(names) for names in found]


def matrix(graph: Graph, only: Callable[[Securable], bool] = lambda _: True) -> Matrix:
    """The grid of all objects but roles and users themselves."""
    rows = []
    for securable in graph.facts.securables:
        if securable.kind not in IDENTITIES and only(securable):
            rows.append(Row(securable, graph.usable(securable, graph.facts.on(securable))))
    return Matrix(graph, tuple(sorted(rows, key=lambda row: (row.securable.path, row.securable))))


def to_csv(grid: Matrix, principals: Sequence[Principal]) -> str:
    """One line for each object, one column for each principal."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["kind", "object", *(principal.name for principal in principals)])
    for row in grid.rows:
        cells = ["; ".join(cell) for cell in grid.cells(row, principals)]
        writer.writerow([row.securable.kind, row.securable.name, *cells])
    return out.getvalue()


def to_html(grid: Matrix, principals: Sequence[Principal], title: str) -> str:
    """The picture: a coloured cell for each principal and object, its privileges when hovered."""
    head = "".join(f"<th><span>{escape(one.name)}</span></th>" for one in principals)
    body = []
    for row in grid.rows:
        cells = "".join(_html_cell(cell) for cell in grid.cells(row, principals))
        body.append(f"<tr><td>{escape(str(row.securable))}</td>{cells}</tr>")
    colours = "".join(f".{name or 'none'}{{background:{c}}}" for name, c in _COLOURS.items())
    style = (
        "body{font:13px sans-serif}td,th{padding:3px 6px}th span{writing-mode:vertical-rl}"
        f"td.own,td.write{{color:#fff}}{colours}"
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title><style>{style}</style></head><body><h1>{escape(title)}</h1><table>"
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        "</body></html>\n"
    )


def in_a_word(privileges: Iterable[str]) -> str:
    """How far a cell goes: ``own``, ``write``, ``use`` or nothing."""
    held = set(privileges)
    if OWNERSHIP in held:
        return "own"
    if held & _WRITING or any(name.startswith("CREATE ") for name in held):
        return "write"
    return "use" if held else ""


def _html_cell(privileges: tuple[str, ...]) -> str:
    word = in_a_word(privileges)
    return f'<td class="{word or "none"}" title="{escape(", ".join(privileges))}">{word}</td>'
