"""`leap sandbox`: the local Snowflake, AWS and GitHub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from cli.commands import clock
from cli.console import say, say_json, say_table, step
from cli.errors import ExitCode
from cli.paths import ROOT

if TYPE_CHECKING:
    from sandbox.connection import Connection


def _moment(context: click.Context, option: click.Parameter, given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise click.BadParameter(f"{given} is no time such as 2026-01-16T06:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.group(epilog="\b\nExamples:\n  leap sandbox start\n  leap sandbox status --json")
def command() -> None:
    """The local Snowflake, AWS and GitHub, on 127.0.0.1 only; state under .leap/sandbox."""


command.add_command(clock.command, "clock")


@command.command(epilog="\b\nExamples:\n  leap sandbox start\n  leap sandbox start --port 0")
@click.option("--port", type=click.IntRange(0, 65535), help="Of Snowflake; 0 is any free port.")
@click.option("--aws-port", type=click.IntRange(0, 65535), help="Of AWS; 0 is any free port.")
@click.option("--github-port", type=click.IntRange(0, 65535), help="Of GitHub; 0 is any free port.")
def start(port: int | None, aws_port: int | None, github_port: int | None) -> None:
    """Start the sandbox; one that runs already is left alone."""
    from cli.target import where
    from sandbox import process

    with step("sandbox") as running:
        running.done(
            where(process.start(ROOT, port=port, aws_port=aws_port, github_port=github_port))
        )


@command.command(epilog="\b\nExample:\n  leap sandbox stop")
def stop() -> None:
    """Stop the sandbox; everything in it stays on disk."""
    from sandbox import process

    say("The sandbox is stopped." if process.stop(ROOT) else "The sandbox was not running.")


@command.command(epilog="\b\nExample:\n  leap sandbox reset && leap up")
def reset() -> None:
    """Empty the account, the buckets and the queues; started again if it was running."""
    from sandbox import process

    connection = process.reset(ROOT)
    say("The sandbox is empty." if connection else "The sandbox is empty, and not running.")


@command.command(epilog="\b\nExamples:\n  leap sandbox status\n  leap sandbox status --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
def status(as_json: bool) -> int:
    """How to connect, and one person per role. Exit 3 when it does not run."""
    facts = _facts()
    if as_json:
        say_json(facts)
    elif not facts["running"]:
        say("The sandbox is not running. Start it: leap sandbox start")
    else:
        _say_status(facts)
    return ExitCode.DONE if facts["running"] else ExitCode.NOT_USABLE


@command.command(
    epilog='\b\nExamples:\n  leap sandbox sql "SHOW WAREHOUSES"\n'
    '  leap sandbox sql --role DATA_ANALYST "SELECT CURRENT_ROLE()" --json\n'
    '  leap sandbox sql --account LEAP-SANDBOX_DR "SHOW FAILOVER GROUPS"'
)
@click.argument("statement")
@click.option("--role", help="Run it as the person of that role; without: as ACCOUNTADMIN.")
@click.option("--warehouse", help="The warehouse to use; without: the person's own.")
@click.option("--account", help="Another account of the organization, or a client connection.")
@click.option("--json", "as_json", is_flag=True, help="Rows as a JSON list of objects.")
def sql(
    statement: str, role: str | None, warehouse: str | None, account: str | None, as_json: bool
) -> None:
    """Run one statement over the ordinary Python connector."""
    from cli.people import login_as
    from cli.target import ask, connected

    place = {"account": account} if account else {}
    with connected({**login_as(role), **place, "warehouse": warehouse}) as connection:
        answer = ask(connection, statement)
    if as_json:
        say_json(answer.dicts())
    else:
        say_table(answer.columns, answer.rows)


@command.command(
    epilog="\b\nExamples:\n  leap sandbox notifications\n"
    "  leap sandbox notifications --since 2026-01-16T06:00 --json"
)
@click.option("--since", callback=_moment, help="Only later ones: an ISO time, UTC without a zone.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of objects.")
def notifications(since: datetime | None, as_json: bool) -> None:
    """What the sandbox's alerts, monitors and budgets sent: mails, webhooks and queue messages."""
    from sandbox.place import Place
    from sandbox.snowflake.notification.outbox import read_messages

    messages = read_messages(Place(ROOT).outbox)
    if since is not None:
        messages = [item for item in messages if datetime.fromisoformat(item["at"]) > since]
    if as_json:
        say_json(messages)
        return
    rows = [(item["at"][:19], item["channel"], _receiver(item), _gist(item)) for item in messages]
    say_table(("at (UTC)", "channel", "to", "message"), rows)


def _receiver(message: dict[str, Any]) -> str:
    to = message.get("to") or message.get("url")
    return ", ".join(to) if isinstance(to, list) else str(to)


def _gist(message: dict[str, Any]) -> str:
    text = " ".join(f"{message['subject']} {message['body']}".split())
    return text if len(text) <= 100 else f"{text[:99]}…"


def _facts() -> dict[str, Any]:
    from cli.people import people_by_role
    from sandbox import process

    now = process.status(ROOT)
    if not now.running or now.connection is None:
        return {"running": False, "log": str(now.log)}
    snowflake, aws, github = now.connection.snowflake, now.connection.aws, now.connection.github
    return {
        "running": True,
        "pid": now.connection.pid,
        "log": str(now.log),
        "snowflake": {
            "host": snowflake.host,
            "port": snowflake.port,
            "protocol": snowflake.protocol,
            "account": snowflake.account,
            "users": people_by_role(),
        },
        "snowflake_dr": _standby(now.connection),
        "aws": {
            "endpoint_url": aws.endpoint_url,
            "region": aws.region,
            "account_id": aws.account_id,
            "access_key_id": aws.access_key_id,
            "secret_access_key": aws.secret_access_key,
        },
        "github": None if github is None else github.model_dump(),
    }


def _standby(connection: Connection) -> dict[str, Any] | None:
    """How to connect to the account in the second region; None before a sandbox had one."""
    standby = connection.snowflake_dr
    if standby is None:
        return None
    facts = standby.model_dump(include={"host", "port", "protocol", "account", "locator", "region"})
    return {**facts, "user": standby.admin.user, "password": standby.admin.password}


def _say_status(facts: dict[str, Any]) -> None:
    snowflake, aws = facts["snowflake"], facts["aws"]
    say(f"The sandbox runs (process {facts['pid']}, log {facts['log']}).")
    say(
        f"Snowflake: account {snowflake['account']}, "
        f"{snowflake['protocol']}://{snowflake['host']}:{snowflake['port']}"
    )
    if standby := facts["snowflake_dr"]:
        say(f"           account {standby['account']} in {standby['region']}, for replication")
    say(f"AWS:       {aws['endpoint_url']}, region {aws['region']}, any access key")
    if github := facts["github"]:
        say(f"GitHub:    {github['base_url']}, organization {github['owner']}")
    say_table(
        ("role", "user", "password"),
        [(role, who["user"], who["password"]) for role, who in snowflake["users"].items()],
    )
