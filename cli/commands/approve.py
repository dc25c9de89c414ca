"""`leap approve`: the second key for a change that takes data out of a protected environment."""

from __future__ import annotations

import click

from cli.console import hint, say, say_json
from cli.errors import BadInputError, ExitCode, FoundError
from cli.options import json_option, stack_option


@click.command(
    epilog="\b\nExamples:\n  leap approve --stack prod\n"
    "  leap approve 3f9a1b2c4d5e --stack prod --as NAME"
)
@click.argument("change", required=False)
@stack_option
@click.option("--as", "name", default="", metavar="NAME", help="Your name: not the applier's.")
@json_option
def command(change: str | None, stack: str, name: str, as_json: bool) -> int:
    """Approve one exact change, by the id that `leap apply` or `leap destroy` printed.

    Without an id: the changes that wait, and what each would destroy. An approval holds for 24
    hours and for nothing but this change. Names are kept for the record; they are not proven.
    """
    from datetime import UTC, datetime

    from cli.deployment.destruction import APPROVALS
    from cli.identity import whoami
    from cli.workbench import facts
    from ops.restore.approval import ApprovalError, Register, as_facts

    facts(stack)
    register, now = Register(APPROVALS / stack), datetime.now(UTC)
    if change is None:
        waiting = register.waiting(now)
        if as_json:
            say_json([as_facts(request) for request in waiting])
            return ExitCode.DONE
        for request in waiting:
            names = ", ".join(given.name for given in request.approvals) or "nobody yet"
            asked = request.asked_by[0] if request.asked_by else "?"
            say(f"{request.id}  asked by {asked} at {request.asked_at[:16]}, approved by {names}")
            for loss in request.losses:
                say(f"  {loss}")
        if not waiting:
            hint(f"No change of {stack} waits.")
        return ExitCode.DONE
    if not name:
        raise BadInputError("An approval needs a name.", f"leap approve {change} --as NAME")
    try:
        request = register.approve(change, name, whoami(), now)
    except ApprovalError as error:
        raise FoundError(f"Not approved: {error}.") from error
    if as_json:
        say_json(as_facts(request))
        return ExitCode.DONE
    for loss in request.losses:
        say(f"  {loss}")
    say(f"{name} approved {change} of {stack}, until {request.expires():%Y-%m-%d %H:%M} UTC.")
    return ExitCode.DONE
