"""Objects by statements, against an account that is a dictionary."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import serialize_provider
from snowflake.connector.errors import ProgrammingError

from infra.dynamic import account_session
from infra.dynamic.account_session import Login, arguments
from infra.dynamic.statement import StatementError, StatementProvider

Props = dict[str, Any]
GOOD: Final[Props] = {
    "object": "thing T",
    "role": "ACCOUNTADMIN",
    "create": ["CREATE T"],
    "update": ["SET T limit=5"],
    "delete": ["DROP T"],
    "read": [
        {"statement": "SHOW T", "columns": ["name", "limit"], "only": {"name": "T"}, "absent": ""}
    ],
}


class Column(NamedTuple):
    """What the connector says of a column."""

    name: str


class FakeAccount:
    """Keeps one thing with its limit; what it is told to refuse it refuses."""

    def __init__(self) -> None:
        self.things: dict[str, str] = {}
        self.said: list[str] = []
        self.refusals: dict[str, list[ProgrammingError]] = {}
        self.sessions = 0
        self._rows: list[tuple[str, ...]] = []
        self.description = [Column("NAME"), Column("LIMIT"), Column("CREATED_ON")]

    def cursor(self) -> "FakeAccount":
        return self

    def __enter__(self) -> "FakeAccount":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        """A session ends."""

    def execute(self, statement: str) -> None:
        self.said.append(statement)
        if waiting := self.refusals.get(statement):
            raise waiting.pop(0)
        self._rows = []
        match statement.split():
            case ["CREATE", thing]:
                self.things[thing] = "none"
            case ["SET", thing, limit]:
                self.things[thing] = limit.removeprefix("limit=")
            case ["DROP", thing]:
                del self.things[thing]
            case _:
                self._rows = [(k, v, str(len(self.said))) for k, v in self.things.items()]

    def fetchall(self) -> list[tuple[str, ...]]:
        return self._rows


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """An empty account that every session reaches, with no waiting between attempts."""
    made = FakeAccount()

    def connect(_login: Login, _role: str, _tag: str) -> FakeAccount:
        made.sessions += 1
        return made

    monkeypatch.setattr(account_session, "connect", connect)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return made


def refused(number: int, words: str = "no") -> ProgrammingError:
    """An answer of the account."""
    return ProgrammingError(words, errno=number)


def changed(**changes: Any) -> Props:
    """The good inputs with changes."""
    return {**GOOD, **changes}


def forgetful(made: Props) -> Props:
    """The inputs alone, as a rebuilt state has them."""
    return {key: value for key, value in made.items() if key not in ("made", "live")}


def test_what_was_made_reads_back_without_a_difference(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    assert account.things == {"T": "5"}
    read = provider.read(made.id, made.outs or {})
    assert (read.id, read.outs) == (made.id, made.outs)
    assert provider.diff(made.id, read.outs or {}, dict(GOOD)).changes is False


def test_a_change_is_an_update(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    wanted = changed(update=["SET T limit=9"])
    diff = provider.diff(made.id, made.outs or {}, wanted)
    assert (diff.changes, diff.replaces) == (True, [])
    updated = provider.update(made.id, made.outs or {}, wanted)
    assert account.things == {"T": "9"}
    assert provider.diff(made.id, updated.outs or {}, wanted).changes is False


def test_another_name_is_another_object(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    diff = provider.diff(made.id, made.outs or {}, changed(object="thing U"))
    assert (diff.replaces, diff.delete_before_replace) == (["object"], True)


def test_what_cannot_be_updated_is_replaced(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(changed(update=[]))
    diff = provider.diff(made.id, made.outs or {}, changed(update=[], create=["CREATE T", "x"]))
    assert diff.replaces == ["create"]


def test_a_change_by_hand_is_a_difference_that_an_update_undoes(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    account.things["T"] = "1000"
    read = provider.read(made.id, made.outs or {})
    assert provider.diff(made.id, read.outs or {}, dict(GOOD)).changes is True
    updated = provider.update(made.id, read.outs or {}, dict(GOOD))
    assert account.things == {"T": "5"}
    assert updated.outs == made.outs


def test_a_rebuilt_state_does_not_know_what_was_right_so_an_update_sets_it(
    account: FakeAccount,
) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD)).outs or {}
    read = provider.read("thing T", forgetful(made)).outs or {}
    assert (read["made"], read["live"]) == ("", made["live"])
    found = provider.diff("thing T", read, dict(GOOD))
    assert (found.changes, found.replaces) == (True, [])
    assert provider.update("thing T", read, dict(GOOD)).outs == made


def test_where_nothing_can_be_set_again_the_account_is_believed(account: FakeAccount) -> None:
    provider, fixed = StatementProvider(), changed(update=[])
    made = provider.create(fixed).outs or {}
    read = provider.read("thing T", forgetful(made)).outs or {}
    assert provider.diff("thing T", read, fixed).changes is False


def test_an_update_that_does_not_undo_a_change_by_hand_says_so(account: FakeAccount) -> None:
    provider = StatementProvider()
    useless = changed(update=["SHOW T"])
    made = provider.create(useless)
    account.things["T"] = "1000"
    read = provider.read(made.id, made.outs or {})
    with pytest.raises(StatementError, match=r"still answers .*1000"):
        provider.update(made.id, read.outs or {}, useless)


def test_a_deletion_by_hand_is_no_id_and_nothing_more_to_delete(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    account.things.clear()
    assert provider.read(made.id, made.outs or {}).id == ""
    provider.delete(made.id, made.outs or {})
    assert "DROP T" not in account.said


def test_an_object_that_the_account_does_not_know_is_gone(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    account.refusals["SHOW T"] = [refused(2003, "T does not exist or not authorized")]
    assert provider.read(made.id, made.outs or {}).id == ""


def test_a_failed_question_is_not_a_deletion(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    account.refusals["SHOW T"] = [refused(90105, "no database")]
    with pytest.raises(StatementError, match="thing T: cannot be read: SHOW T"):
        provider.read(made.id, made.outs or {})


def test_deletion_removes_it(account: FakeAccount) -> None:
    provider = StatementProvider()
    made = provider.create(dict(GOOD))
    provider.delete(made.id, made.outs or {})
    assert account.things == {}


def test_a_failed_statement_says_which_and_what_was_done(account: FakeAccount) -> None:
    account.refusals["SET T limit=5"] = [refused(1003, "syntax error")]
    with pytest.raises(StatementError) as caught:
        StatementProvider().create(dict(GOOD))
    text = str(caught.value)
    assert "thing T: statement 2 of 2 failed" in text
    assert "it was: SET T limit=5" in text
    assert "syntax error" in text
    assert "done before it: CREATE T" in text


def test_an_interrupted_creation_is_taken_over(account: FakeAccount) -> None:
    account.things["T"] = "none"
    StatementProvider().create(dict(GOOD))
    assert account.things == {"T": "5"}
    assert "CREATE T" not in account.said


def test_a_creation_that_makes_nothing_is_an_error(account: FakeAccount) -> None:
    with pytest.raises(StatementError, match="does not show it: SHOW T"):
        StatementProvider().create(changed(create=["SHOW T"], update=[]))


@pytest.mark.parametrize("number", [625, 630, 390112, 250001])
def test_a_failure_that_passes_is_tried_again_in_a_new_session(
    account: FakeAccount, number: int
) -> None:
    account.refusals["SET T limit=5"] = [refused(number)]
    StatementProvider().create(dict(GOOD))
    assert account.things == {"T": "5"}
    assert account.said.count("SET T limit=5") == 2
    assert account.sessions == 2


def test_a_failure_that_does_not_pass_ends_after_some_tries(account: FakeAccount) -> None:
    account.refusals["SET T limit=5"] = [refused(625)] * 9
    with pytest.raises(StatementError):
        StatementProvider().create(dict(GOOD))
    assert account.said.count("SET T limit=5") == account_session.TRIES


def test_the_login_is_the_providers_and_in_no_state(account: FakeAccount) -> None:
    provider = StatementProvider()
    given = {"login:account": "A-B", "login:user": "U", "login:password": "hidden"}
    provider.configure(ConfigureRequest(Config(given, "leap")))
    assert (provider.login.user, provider.login.password) == ("U", "hidden")
    assert "hidden" not in str((provider.create(dict(GOOD))).outs)


def test_a_sandbox_is_reached_by_host_and_an_account_by_its_name() -> None:
    near = Login("L-S", "U", "p", "", "127.0.0.1", "48080", "http")
    given: Mapping[str, Any] = arguments(near, "R", "t")
    assert (given["host"], given["port"], given["protocol"]) == ("127.0.0.1", 48080, "http")
    far = arguments(Login("A-B", "U", "p", "", "", "", ""), "R", "t")
    assert not {"host", "port", "protocol"} & set(far)


def test_the_provider_is_pickled_by_name() -> None:
    assert len(serialize_provider(StatementProvider())) < 300
