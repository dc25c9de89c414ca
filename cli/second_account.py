"""Whether a stack has its second account, where the facts leave that to whoever asks.

What was asked for is kept in a note beside the stack's state, which the program reads as well: a
later run that says nothing keeps what stands, and only somebody who says so takes it down.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.errors import BadInputError, NotUsableError
from cli.paths import ROOT

if TYPE_CHECKING:
    from cli.workbench import Workbench


class FailedOverError(NotUsableError):
    """This account may only be read: what it has is primary elsewhere. Nothing was done."""


def login(bench: Workbench) -> dict[str, Any]:
    """Connector arguments for `leap`'s own questions to the sandbox's second account.

    Raises:
        NotUsableError: the sandbox has none: it was made before sandboxes had two.
    """
    from cli.target import running_sandbox

    there = running_sandbox().snowflake_dr
    if there is None:
        raise NotUsableError(
            "This sandbox has one account.", "A sandbox with two: leap sandbox reset"
        )
    return {**bench.login(), "account": there.account, "host": there.host, "port": there.port}


def for_this_run(with_dr: bool | None) -> None:
    """Look at the facts with or without it in this run alone; None: as it was."""
    from infra import settings

    if with_dr is not None:
        os.environ[settings.WITH_DR] = settings.YES if with_dr else "false"


def keep(stack: str, with_dr: bool | None) -> None:
    """Keep what was asked for; None: as it was."""
    from infra import settings

    note = settings.request_file(ROOT, stack)
    if with_dr:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
    elif with_dr is not None:
        forget(stack)


@contextmanager
def asked(stack: str, with_dr: bool | None) -> Iterator[None]:
    """Keep what is asked for while it is being done, unless nothing can be done here at all."""
    from infra import settings

    before = settings.request_file(ROOT, stack).exists()
    keep(stack, with_dr)
    try:
        yield
    except FailedOverError:
        keep(stack, before)
        raise


def forget(stack: str) -> None:
    """Nobody asks any longer: the stack is gone, or does without."""
    from infra import settings

    settings.request_file(ROOT, stack).unlink(missing_ok=True)


def refuse_where_it_is_not_asked(stack: str, with_dr: bool | None) -> None:
    """A question that the facts have answered already is bad input.

    Raises:
        BadInputError: the environment has no second account, or always has one.
    """
    from infra import settings

    if with_dr is None:
        return
    for_this_run(with_dr)
    facts = settings.load(ROOT, stack).environment.replication
    if with_dr and facts is None:
        raise BadInputError(
            f"{stack} has no second account in its facts: --with-dr has nothing to deploy.",
            "Declare it under replication in environments/: docs/continuity.md",
        )
    if not with_dr and facts is not None:
        raise BadInputError(
            f"{stack} always has its second account: --without-dr cannot take it down.",
            "Set replication: null in its environment file, and have that approved.",
        )


def in_words(outputs: Mapping[str, Any]) -> str:
    """What stands over there, and how to do without; empty where there is none."""
    second = outputs.get("second_account")
    if not second:
        return ""
    return (
        f"second account {second['account']}: {', '.join(second['failover_groups'])} replicated "
        f"within {second['rpo_minutes']} minutes, clients at {second['connection_account']}. "
        "It stays until: ./leap up --without-dr"
    )


def refuse_while_failed_over(bench: Workbench, deployment: Mapping[str, Any]) -> None:
    """No deployment to an account whose replicas are primary elsewhere: it may only be read.

    Raises:
        FailedOverError: a group is primary in the second account; nothing was done.
    """
    from cli.deployment import stack as stacks
    from cli.target import ask, connected

    second = stacks.outputs_in(deployment).get("second_account")
    if not second:
        return
    with connected(bench.login()) as connection:
        moved = elsewhere(second["failover_groups"], lambda text: ask(connection, text).dicts())
    if moved:
        raise FailedOverError(
            f"{', '.join(moved)}: failed over to {second['account']}, so that this account may "
            "only be read; nothing was done.",
            _way_home(bench.stack),
        )


def _way_home(stack: str) -> str:
    """How the first account leads again: by the drill that took it away, if one did."""
    from cli import drilling
    from ops.drill.shelf import unfinished

    drills = unfinished(drilling.FOLDER, lambda opened: opened["stack"] == stack)
    if drills:
        return "\n".join(drilling.ways_on(one) for one in drills)
    return "Fail back first, or exchange both accounts in the stack's file: docs/continuity.md"


def elsewhere(groups: list[str], rows: Callable[[str], list[Any]]) -> list[str]:
    """The groups that are a copy in the account that is asked."""
    own = rows("SELECT CURRENT_ACCOUNT_NAME() AS ACCOUNT")[0]
    name = own.get("ACCOUNT", own.get("account"))
    return sorted(
        str(row["name"])
        for row in rows("SHOW FAILOVER GROUPS")
        if row["name"] in groups and row["account_name"] == name
        if str(row["is_primary"]).lower() != "true"
    )
