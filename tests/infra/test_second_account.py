"""What asks the second account: the place of a copy, and an integration's arrival."""

from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from infra import settings
from infra.dynamic import replica_place, replicated_integration
from infra.dynamic.replica_place import ReplicaPlaceProvider, StandsInTheWayError
from infra.dynamic.replicated_integration import NotArrivedError, ReplicatedIntegrationProvider
from infra.model import leftovers
from tests.infra.conftest import ROOT

PLACE: dict[str, Any] = {
    "group": "G",
    "role": "ACCOUNTADMIN",
    "databases": ["DATA"],
    "removal": ["DROP USER A", "DROP DATABASE DATA"],
}
WANTED = {"integration": "LANDING", "group": "G", "role": "ACCOUNTADMIN"}
DESCRIBED = [
    {"property": "STORAGE_AWS_IAM_USER_ARN", "property_value": "arn:there"},
    {"property": "STORAGE_AWS_EXTERNAL_ID", "property_value": "id"},
]
DESCRIBE, REFRESH = 'DESCRIBE INTEGRATION "LANDING"', 'ALTER FAILOVER GROUP "G" REFRESH'


class Session:
    """Answers by statement, the last one for ever; an exception is a refusal."""

    answers: dict[str, list[Any]]
    said: list[str]

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, statement: str) -> list[dict[str, Any]]:
        """The rows, or the refusal."""
        self.said.append(statement)
        waiting = self.answers.get(statement, [[]])
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """The second account, with nothing in it."""
    made = Session()
    made.said = []
    made.answers = {"SELECT CURRENT_ACCOUNT_NAME() AS account": [[{"account": "DR"}]]}
    for module in (replica_place, replicated_integration):
        monkeypatch.setattr(module, "AccountSession", lambda *_: made)
    monkeypatch.setattr(replicated_integration, "_PAUSE_SECONDS", 0)
    return made


def refusal(number: int, words: str) -> ProgrammingError:
    """What the connector raises."""
    return ProgrammingError(words, errno=number)


def test_a_free_place_is_taken(session: Session) -> None:
    assert ReplicaPlaceProvider().create(PLACE).id == "G"
    assert "DROP USER A" not in session.said


def test_a_database_in_the_way_is_refused_with_a_way_out(session: Session) -> None:
    session.answers["SHOW DATABASES"] = [[{"name": "DATA"}]]
    with pytest.raises(StandsInTheWayError, match="account DR has databases of its own") as caught:
        ReplicaPlaceProvider().create(PLACE)
    assert 'ALTER DATABASE "DATA" RENAME TO "DATA_OLD"' in str(caught.value)


def test_the_copy_of_a_group_that_stands_is_in_nobodys_way(session: Session) -> None:
    session.answers["SHOW DATABASES"] = [[{"name": "DATA"}]]
    session.answers["SHOW FAILOVER GROUPS"] = [[{"name": "G", "account_name": "DR"}]]
    ReplicaPlaceProvider().create(PLACE)


def test_what_is_gone_already_does_not_keep_the_rest(session: Session) -> None:
    session.answers["DROP USER A"] = [refusal(2003, "does not exist")]
    ReplicaPlaceProvider().delete("G", PLACE)
    assert session.said == PLACE["removal"]


def test_what_cannot_be_removed_is_told(session: Session) -> None:
    session.answers["DROP USER A"] = [refusal(3001, "Insufficient privileges")]
    with pytest.raises(ProgrammingError):
        ReplicaPlaceProvider().delete("G", PLACE)


def test_where_data_is_protected_the_copies_stay(session: Session) -> None:
    ReplicaPlaceProvider().delete("G", {**PLACE, "removal": []})
    assert session.said == []


def test_an_integration_that_is_there_needs_no_refresh(session: Session) -> None:
    session.answers[DESCRIBE] = [DESCRIBED]
    made = ReplicatedIntegrationProvider().create(WANTED)
    assert made.outs is not None
    assert (made.outs["user_arn"], made.outs["external_id"]) == ("arn:there", "id")
    assert REFRESH not in session.said


def test_a_refresh_that_somebody_began_is_waited_for(session: Session) -> None:
    missing = refusal(2003, "does not exist")
    session.answers[DESCRIBE] = [missing, missing, DESCRIBED]
    session.answers[REFRESH] = [refusal(3130, "a refresh operation is in progress"), []]
    ReplicatedIntegrationProvider().create(WANTED)
    assert session.said.count(REFRESH) == 2


def test_an_integration_that_never_comes_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicated_integration, "PATIENCE_SECONDS", 0)
    session.answers[DESCRIBE] = [refusal(2003, "does not exist")]
    with pytest.raises(NotArrivedError, match="the second account does not have it"):
        ReplicatedIntegrationProvider().create(WANTED)


def test_one_that_went_by_hand_is_gone_from_the_state(session: Session) -> None:
    session.answers[DESCRIBE] = [refusal(2003, "does not exist")]
    assert ReplicatedIntegrationProvider().read("LANDING", WANTED).id == ""


def test_users_go_before_policies_and_those_before_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(settings.WITH_DR, "true")
    environment = settings.load(ROOT, "local").environment
    assert environment.replication is not None
    group = environment.replication.groups["LEAP_FAILOVER"]
    said = [str(one) for one in leftovers.removal(environment, group)]
    order = [
        'DROP USER IF EXISTS "LOADER_SVC"',
        'DROP NETWORK POLICY IF EXISTS "LEAP_SERVICES"',
        "ALTER ACCOUNT UNSET PASSWORD POLICY",
        'DROP WAREHOUSE IF EXISTS "BI_WH"',
        'DROP RESOURCE MONITOR IF EXISTS "BI_LIMIT"',
        'DROP INTEGRATION IF EXISTS "LEAP_LANDING_DR"',
        'DROP DATABASE IF EXISTS "LEAP_ANALYTICS"',
        'DROP ROLE IF EXISTS "LOADER"',
        'DROP ROLE IF EXISTS "BI_WH__USE"',
    ]
    assert [said.index(one) for one in order] == sorted(said.index(one) for one in order)
