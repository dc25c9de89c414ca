"""Closure, difference and matrix of 10,000 roles, 2,000 people and 1,000,000 grants.

The budget is 5 s for each and 1 GB for the process; times are CPU seconds, which neighbours on the
machine disturb less. The peer walks the same closure as sets, for a sample of the principals.
"""

from __future__ import annotations

import os
import random
import time
from typing import Final

from benchmarks.measure import say
from benchmarks.memory import memory_of
from ops.access.difference import compare
from ops.access.facts import Facts
from ops.access.graph import Graph, reachable
from ops.access.matrix import matrix
from ops.access.names import Principal, Securable, role, user

ROLES: Final = 10_000
PEOPLE: Final = 2_000
GRANTS: Final = 1_000_000
SCHEMAS: Final = 500
TABLES: Final = 40_000
SAMPLE: Final = 200
PRIVILEGES: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")


def account(seed: int, left_out: int = 0) -> Facts:
    """A made-up account: a tree of roles, people on it, grants at random."""
    dice = random.Random(seed)  # noqa: S311 -- made-up data, not a secret
    facts = Facts("made up")
    roles = [role(f"R{number}") for number in range(ROLES)]
    for number, one in enumerate(roles[1:], 1):
        facts.grant_role(one, roles[number // 4])
        facts.grant_role(one, roles[dice.randrange(number)])
    for number in range(PEOPLE):
        for one in dice.choices(roles[100:], k=3):
            facts.grant_role(one, user(f"P{number}"))
    tables = [Securable("TABLE", ("D", f"S{n % SCHEMAS}", f"T{n}")) for n in range(TABLES)]
    made = _open_containers(facts, dice, roles)
    for number in range(GRANTS - made):
        holder, table = dice.choice(roles), dice.choice(tables)
        privilege = PRIVILEGES[number & 3]
        if number >= left_out:
            facts.grant(holder, (privilege,), table)
    return facts


def _open_containers(facts: Facts, dice: random.Random, roles: list[Principal]) -> int:
    for one in roles:
        facts.grant(one, ("USAGE",), Securable("DATABASE", ("D",)))
        for schema in dice.sample(range(SCHEMAS), 10):
            facts.grant(one, ("USAGE",), Securable("SCHEMA", ("D", f"S{schema}")))
    return 11 * len(roles)


def naive(facts: Facts) -> float:
    """CPU seconds for the sampled principals' tables, each walked alone with sets."""
    held: list[list[tuple[str, Securable]]] = [[] for _ in facts.principals]
    for securable in facts.securables:
        for privilege, holders in facts.on(securable).items():
            for holder in holders:
                held[holder].append((privilege, securable))
    started = time.process_time()
    step = len(facts.principals) // SAMPLE
    for number in range(0, len(facts.principals), step):
        everything = {grant for at in (number, *reachable(facts, number)) for grant in held[at]}
        reached = {securable for _, securable in everything}
        for _, securable in everything:
            _ = Securable("SCHEMA", securable.path[:2]) in reached
    return (time.process_time() - started) * step


def main() -> None:
    """Measure and print."""
    before, after = account(1), account(1, left_out=100)
    started = time.process_time()
    graph = Graph(before)
    closed = time.process_time()
    grid = matrix(graph)
    gridded = time.process_time()
    found = compare(before, after)
    compared = time.process_time()
    peak = memory_of(os.getpid(), "VmHWM")
    pairs = sum(members.bit_count() for row in grid.rows for members in row.sets.values())
    del grid
    alone = naive(before)
    ours = gridded - started
    say(
        f"Access of {ROLES:,} roles, {PEOPLE:,} people, {GRANTS:,} grants (budget: 5 s, 1,024 MB)",
        f"closure {closed - started:.2f} s",
        f"matrix of {TABLES:,} tables {gridded - closed:.2f} s ({pairs:,} effective privileges)",
        f"difference of two of them {compared - gridded:.2f} s ({len(found.changes):,} changes)",
        f"memory at its peak {peak} MB, with both accounts",
        f"sets walked one by one: {alone:.0f} s by a sample of {SAMPLE}, {alone / ours:.0f} times",
    )


if __name__ == "__main__":
    main()
