"""An object of the account that the provider has no resource for, by the statements that make it.

The statements come as plain text, built with typed placeholders (`infra.model.sql`), and so does
what to ask the account about the object: its answer right after our own statements is what is held
to be right, and a refresh that is answered otherwise is a difference, which `update` undoes.

Five inputs say everything: `create` makes the object, `update` sets what can be changed (at the
creation too), `delete` removes it, `read` asks for it, and `object` names it: another name, or
another `create` where there is no `update`, is another object. No secret belongs in them:
statements and answers are plain state.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias, TypedDict

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from infra.dynamic.account_session import MISSING, AccountProvider, AccountSession
from infra.model.sql import Sql

Props: TypeAlias = dict[str, Any]
_INPUTS: Final = ("object", "role", "create", "update", "delete", "read")
_TEXTS: Final = ("create", "update", "delete")
_SHOWN: Final = 300


class Question(TypedDict):
    """What to ask the account, and what of the answer counts."""

    statement: str
    columns: Sequence[str]
    """In lower case; none for all. A time or an id that changes by itself does not belong here."""
    only: dict[str, str]
    """Rows whose columns have these values; SHOW … LIKE takes a pattern and finds too much."""
    absent: str
    """Words of a refusal that means that the object is not there; empty for none."""


class Statements(NamedTuple):
    """An object by its statements. The first question tells by its rows whether it stands."""

    object: str
    role: str
    create: tuple[Sql, ...]
    update: tuple[Sql, ...]
    delete: tuple[Sql, ...]
    read: tuple[Question, ...]


class StatementError(Exception):
    """A statement failed; the text says which one, of what, and what was done before it."""


def question(
    statement: Sql,
    columns: Sequence[str] = (),
    only: dict[str, str] | None = None,
    absent: str = "",
) -> Question:
    """A question to the account."""
    return Question(statement=str(statement), columns=list(columns), only=only or {}, absent=absent)


class StatementProvider(AccountProvider):
    """Runs the statements, each object in a session of its own with the role it says."""

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """What is declared otherwise, or what the account answers otherwise than it did."""
        changed = _changed(_olds, _news)
        drifted = _olds.get("live") != _olds.get("made")
        fixed = [key for key in changed if key == "object"]
        if not _news.get("update") and (drifted or "create" in changed):
            fixed.append("create")
        return DiffResult(
            changes=bool(changed or drifted), replaces=fixed, delete_before_replace=bool(fixed)
        )

    def create(self, props: Props) -> CreateResult:
        """Makes the object; one that an interrupted run left is taken over and set right."""
        with self._session(props) as session:
            making = [] if _answer(session, props) else list(props["create"])
            _run(session, props, [*making, *props["update"]], "made")
            answer = _answer(session, props)
        if not answer:
            raise StatementError(
                f"{props['object']}: every statement of its creation succeeded, but the account "
                f"does not show it: {props['read'][0]['statement']}"
            )
        return CreateResult(str(props["object"]), _state(props, answer, answer))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Sets the object to what is declared, and checks that the account then says so."""
        with self._session(_news) as session:
            _run(session, _news, _news["update"], "changed")
            answer = _answer(session, _news)
        known = _olds.get("made")
        if known and not _changed(_olds, _news) and answer != known:
            raise StatementError(
                f"{_news['object']}: its update ran, but the account still answers {answer} and "
                f"not {known}"
            )
        return UpdateResult(_state(_news, answer, answer))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What the account answers now; without an id when the object is gone."""
        with self._session(props) as session:
            answer = _answer(session, props)
        if not answer:
            return ReadResult("", {})
        return ReadResult(id_, _state(props, _made(props, answer), answer))

    def delete(self, _id: str, _props: Props) -> None:
        """Removes the object, if the account still shows it."""
        with self._session(_props) as session:
            if _answer(session, _props):
                _run(session, _props, _props["delete"], "removed")

    def _session(self, props: Props) -> AccountSession:
        return AccountSession(self.login, str(props["role"]), f"leap: {props['object']}")


class Statement(Resource, module="snowflake", name="Statement"):
    """An object by its statements. Its id is what people call it."""

    def __init__(
        self, name: str, statements: Statements, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(StatementProvider(), name, _inputs(statements), opts)


def _inputs(statements: Statements) -> Props:
    texts = {key: [str(text) for text in getattr(statements, key)] for key in _TEXTS}
    read = [dict(asked) for asked in statements.read]
    return {"object": statements.object, "role": statements.role, **texts, "read": read}


def _run(session: AccountSession, props: Props, statements: Sequence[str], done: str) -> None:
    from snowflake.connector import Error  # late: the program declares, and only this runs

    for number, statement in enumerate(statements, 1):
        try:
            session.run(statement)
        except Error as error:
            before = statements[: number - 1]
            raise StatementError(
                f"{props['object']}: statement {number} of {len(statements)} failed, so it is not "
                f"wholly {done}.\n  it was: {_short(statement)}\n"
                f"  the account says: {' '.join(str(error.msg or error).split())}\n"
                f"  done before it: {'; '.join(map(_short, before)) or 'nothing'}\n"
                "  the next run goes on from what stands then"
            ) from None


def _answer(session: AccountSession, props: Props) -> str:
    """What the account says of the object, as JSON text; empty when it says there is none."""
    from snowflake.connector import Error

    answers: list[Any] = []
    for number, asked in enumerate(props["read"]):
        try:
            rows = session.run(asked["statement"])
        except Error as error:
            absent = asked["absent"]
            if error.errno in MISSING or (absent and absent in str(error.msg)):
                return ""
            raise StatementError(
                f"{props['object']}: cannot be read: {_short(asked['statement'])}\n"
                f"  the account says: {' '.join(str(error.msg or error).split())}"
            ) from None
        kept = [_kept(row, asked) for row in rows if _meant(row, asked)]
        if number == 0 and not kept:
            return ""
        answers.append(sorted(kept, key=str))
    return json.dumps(answers, sort_keys=True, default=str)


def _meant(row: Props, asked: Question) -> bool:
    return all(str(row.get(column)) == value for column, value in (asked["only"] or {}).items())


def _kept(row: Props, asked: Question) -> Props:
    columns = asked["columns"] or sorted(row)
    return {column: None if row.get(column) is None else str(row[column]) for column in columns}


def _made(props: Props, answer: str) -> str:
    """What was held to be right; a state that was rebuilt does not say.

    Then `update` is to set it again, and where there is none the account's answer is believed.
    """
    known = props.get("made")
    return str(known) if known is not None else "" if props["update"] else answer


def _state(props: Props, made: str, live: str) -> Props:
    return {key: props[key] for key in _INPUTS} | {"made": made, "live": live}


def _changed(olds: Props, news: Props) -> list[str]:
    return [key for key in _INPUTS if _plain(olds.get(key)) != _plain(news.get(key))]


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _short(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
