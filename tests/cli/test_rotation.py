"""A key pair is exchanged in steps that a stop at any point does not lose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli import keypairs, rotation
from cli.errors import BadInputError, NotUsableError
from infra import settings
from infra.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
USER = "LOADER_SVC"


class Account:
    """An account that lets a key in once its public half was deployed."""

    def __init__(self, loaded: Settings) -> None:
        self.loaded = loaded
        self.deployed: set[str | None] = set()

    def deploy(self) -> None:
        """What `leap apply` does to the account's slots."""
        self.deployed = {slot.fingerprint for slot in rotation.slots(self.loaded)}

    @contextmanager
    def connected(self, given: dict[str, Any]) -> Iterator[None]:
        """Stands for the login."""
        if keypairs.fingerprint(Path(given["private_key_file"])) not in self.deployed:
            raise NotUsableError("JWT token is invalid.")
        yield


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A stack of the sandbox whose service users have one deployed key each."""
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    loaded = settings.load(ROOT, "local")._replace(root=tmp_path)
    keypairs.ensure(loaded)
    made = Account(loaded)
    made.deploy()
    monkeypatch.setattr(rotation, "connected", made.connected)
    monkeypatch.setattr(
        keypairs, "login", lambda _settings, _user, key: {"private_key_file": str(key)}
    )
    return made


def keys_of(account: Account) -> dict[int, str | None]:
    """The fingerprints in the two slots of the user."""
    found = rotation.slots(account.loaded)
    return {slot.slot: slot.fingerprint for slot in found if slot.user == USER}


def folder(account: Account) -> Path:
    """Where the sandbox's keys are."""
    return keypairs.private_folder(account.loaded)


def test_a_new_key_takes_the_place_of_the_old_when_it_was_seen_to_work(account: Account) -> None:
    old = keys_of(account)[1]
    begun = rotation.rotate(account.loaded, USER)
    assert "slot 2" in begun.done
    assert "leap apply --stack local" in " ".join(begun.to_do)
    assert keys_of(account)[1] == old
    account.deploy()
    assert "the new key works" in rotation.rotate(account.loaded, USER).done
    assert keys_of(account)[1] is None
    assert keys_of(account)[2] == keypairs.fingerprint(folder(account) / f"{USER}.p8")
    account.deploy()
    assert "slot 1" in rotation.rotate(account.loaded, USER).done


def test_the_old_key_stays_until_the_new_one_is_deployed(account: Account) -> None:
    rotation.rotate(account.loaded, USER)
    before = keys_of(account)
    with pytest.raises(NotUsableError, match="Deploy the public key first"):
        rotation.rotate(account.loaded, USER)
    assert keys_of(account) == before


def test_a_stop_between_the_two_halves_of_a_new_pair_is_made_good(account: Account) -> None:
    rotation.rotate(account.loaded, USER)
    (folder(account) / f"{USER}.2.pub").unlink()
    assert "a new key pair" in rotation.rotate(account.loaded, USER).done
    assert keys_of(account)[2] == keypairs.fingerprint(folder(account) / f"{USER}.next.p8")


def test_a_stop_while_the_old_key_is_retired_is_made_good(account: Account) -> None:
    rotation.rotate(account.loaded, USER)
    account.deploy()
    (folder(account) / f"{USER}.pub").unlink()
    assert "the new key works" in rotation.rotate(account.loaded, USER).done
    assert not (folder(account) / f"{USER}.next.p8").exists()


def test_two_keys_without_the_newer_private_half_are_for_a_person_to_judge(
    account: Account,
) -> None:
    rotation.rotate(account.loaded, USER)
    (folder(account) / f"{USER}.next.p8").unlink()
    with pytest.raises(BadInputError, match="both slots are taken"):
        rotation.rotate(account.loaded, USER)


def test_an_unknown_user_is_told_the_known_ones(account: Account) -> None:
    with pytest.raises(BadInputError, match=r"allowed: LOADER_SVC, TRANSFORMER_SVC"):
        rotation.rotate(account.loaded, "NOBODY")


def test_a_private_key_is_for_its_owner_alone(account: Account) -> None:
    assert (folder(account) / f"{USER}.p8").stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in (folder(account) / f"{USER}.pub").read_text()


def test_keys_that_stand_are_left_alone(account: Account) -> None:
    before = rotation.slots(account.loaded)
    keypairs.ensure(account.loaded)
    assert rotation.slots(account.loaded) == before
