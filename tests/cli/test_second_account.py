"""Who asks for a second account, and what keeps it."""

from pathlib import Path

import pytest

from cli import second_account
from cli.errors import BadInputError, FoundError
from cli.second_account import FailedOverError
from infra import settings
from infra.model.naming import of_second_account


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes go to a folder of the test; the variable is as it was afterwards."""

    def note(_root: Path, stack: str) -> Path:
        return tmp_path / "notes" / stack

    monkeypatch.setattr(settings, "request_file", note)
    monkeypatch.setenv(settings.WITH_DR, "")


def test_what_was_asked_for_stays_until_somebody_says_otherwise(tmp_path: Path) -> None:
    note = tmp_path / "notes" / "local"
    second_account.keep("local", True)
    assert note.exists()
    second_account.keep("local", None)
    assert note.exists()
    second_account.keep("local", False)
    assert not note.exists()


@pytest.mark.parametrize("before", [True, False])
def test_what_could_not_be_done_is_not_asked_for_any_longer(tmp_path: Path, before: bool) -> None:
    note = tmp_path / "notes" / "local"
    second_account.keep("local", before)
    for error, kept in ((FailedOverError("only read"), before), (FoundError("half"), not before)):
        with pytest.raises(type(error)), second_account.asked("local", not before):
            raise error
        assert note.exists() is kept


def test_an_environment_without_one_cannot_be_asked_for_it() -> None:
    with pytest.raises(BadInputError, match="dev has no second account in its facts"):
        second_account.refuse_where_it_is_not_asked("dev", True)


def test_an_environment_that_always_has_one_cannot_do_without() -> None:
    with pytest.raises(BadInputError, match="prod always has its second account"):
        second_account.refuse_where_it_is_not_asked("prod", False)


@pytest.mark.parametrize("with_dr", [True, False, None])
def test_local_takes_either(with_dr: bool | None) -> None:
    second_account.refuse_where_it_is_not_asked("local", with_dr)


def test_a_resource_is_of_the_account_of_its_provider() -> None:
    place = "urn:pulumi:prod::leap::leap:index:Providers$pulumi:providers:snowflake"
    assert of_second_account(f"{place}::dr-accountadmin::8c1f")
    assert not of_second_account(f"{place}::accountadmin::8c1f")
    assert not of_second_account("")


def test_a_group_that_is_a_copy_here_has_failed_over() -> None:
    def rows(text: str) -> list[dict[str, object]]:
        if text.startswith("SELECT"):
            return [{"ACCOUNT": "PROD"}]
        return [
            {"name": "ONE", "account_name": "PROD", "is_primary": "false"},
            {"name": "ONE", "account_name": "PROD_DR", "is_primary": "true"},
            {"name": "TWO", "account_name": "PROD", "is_primary": True},
            {"name": "TWO", "account_name": "PROD_DR", "is_primary": False},
            {"name": "OTHERS", "account_name": "PROD", "is_primary": "false"},
        ]

    assert second_account.elsewhere(["ONE", "TWO"], rows) == ["ONE"]
