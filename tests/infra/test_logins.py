"""Who may log in, from where and how: nobody is locked out, and no private key is ever kept."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from infra import keys, settings
from infra.model.public_key import PublicKeys, file_name, parse, written
from infra.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("local", "dev", "prod")


@pytest.fixture(autouse=True)
def _no_target_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEAP_TARGET", raising=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "network: {groups: {OFFICE: [192.0.2.1/24]}}",
            "network.groups.OFFICE.0: got '192.0.2.1/24', allowed: a network like 203.0.113.0/24",
        ),
        (
            "network: {groups: {OFFICE: [0.0.0.0/0]}}",
            "network.groups.OFFICE.0: got '0.0.0.0/0', allowed: fewer addresses than all there are",
        ),
        (
            "network: {policies: {LEAP_SERVICES: {allowed: [OFICE]}}}",
            "network.policies.LEAP_SERVICES.allowed.0: got 'OFICE', allowed: one of OFFICE",
        ),
        (
            "network: {account_policy: LEAP_SERVICES}",
            "network.deployer: got nothing, allowed: the addresses that deployments come from",
        ),
        (
            "network: {account_policy: LEAP_SERVICES, deployer: [203.0.113.7/32]}",
            "network.deployer.0: got '203.0.113.7/32', allowed: addresses that LEAP_SERVICES",
        ),
        (
            "service_users: {CI_SVC: {role: CII}}",
            "service_users.CI_SVC.role: got 'CII', allowed: one of CI,",
        ),
        (
            "service_users: {CI_SVC: {network_policy: LEAP_SERVICE}}",
            "service_users.CI_SVC.network_policy: got 'LEAP_SERVICE', allowed: one of",
        ),
        (
            "people: {CI_SVC: {role: CI, warehouse: BI_WH}}",
            "service_users.CI_SVC: got the name of a person, allowed: a name that nobody has",
        ),
        (
            "password_policies: {PASSWORDS: {account: true}, OTHER: {account: true}}",
            "password_policies.OTHER.account: got true, allowed: one policy of the account",
        ),
    ],
)
def test_a_fault_of_a_login_is_one_problem(clone: Path, text: str, expected: str) -> None:
    (clone / "environments" / "dev.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings.load(clone, "dev")
    (problem,) = caught.value.problems
    assert problem.split(":", 1)[1].startswith(expected)


def test_an_account_policy_that_admits_the_deployer_is_good(clone: Path) -> None:
    facts = "network: {account_policy: LEAP_SERVICES, deployer: [192.0.2.7/32]}"
    (clone / "environments" / "dev.yaml").write_text(facts)
    assert settings.load(clone, "dev").environment.network.account_policy == "LEAP_SERVICES"


def made(deployed: Any, stack: str, kind: str) -> list[dict[str, Any]]:
    """The inputs of a stack's resources of one type."""
    return [r.inputs for r in deployed(stack) if r.type.endswith(f":{kind}")]


@pytest.mark.parametrize("stack", STACKS)
def test_a_service_user_has_a_policy_and_no_password(deployed: Any, stack: str) -> None:
    users = made(deployed, stack, "ServiceUser")
    assert len(users) == 4
    for user in users:
        assert user["networkPolicy"].endswith("LEAP_SERVICES")
        assert "password" not in user
    assert len(made(deployed, stack, "UserAuthenticationPolicyAttachment")) == 4


def test_the_account_is_held_to_passwords_where_one_stack_says_so(deployed: Any) -> None:
    held = {s: len(made(deployed, s, "AccountPasswordPolicyAttachment")) for s in STACKS}
    assert held == {"local": 1, "dev": 0, "prod": 1}


@pytest.mark.parametrize("stack", STACKS)
def test_the_account_has_no_network_policy_unless_it_is_asked_for(
    deployed: Any, stack: str
) -> None:
    assert made(deployed, stack, "NetworkPolicyAttachment") == []


def pair() -> tuple[str, str]:
    """The private and the public key of a new pair, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def test_both_slots_are_read_and_an_empty_one_is_nothing(clone: Path) -> None:
    loaded = settings.load(clone, "prod")
    folder = keys.folder(loaded)
    folder.mkdir(parents=True)
    text = written(pair()[1], "CI_SVC", "2026-11-23T00:00:00Z")
    (folder / file_name("CI_SVC", 2)).write_text(text)
    found = keys.public_keys(loaded)
    assert found["CI_SVC"] == PublicKeys(None, parse(text).body)
    assert found["LOADER_SVC"] == PublicKeys()
    assert parse(text).created == "2026-11-23T00:00:00Z"
    assert parse(text).fingerprint.startswith("SHA256:")


@pytest.mark.parametrize(("index", "word"), [(0, "PRIVATE key"), (1, "broken public key")])
def test_a_file_that_is_no_public_key_is_told_by_its_name(
    clone: Path, index: int, word: str
) -> None:
    loaded = settings.load(clone, "prod")
    keys.folder(loaded).mkdir(parents=True)
    text = pair()[index].replace("MIIB", "M!IB")
    (keys.folder(loaded) / "CI_SVC.pub").write_text(text)
    with pytest.raises(SettingsError) as caught:
        keys.public_keys(loaded)
    (problem,) = caught.value.problems
    assert "CI_SVC.pub" in problem
    assert word in problem


def test_a_real_accounts_keys_are_committed_and_the_sandboxs_are_not(clone: Path) -> None:
    loaded = settings.load(clone, "prod")
    assert keys.folder(loaded) == clone / ".leap" / "keys" / "prod"
    config = SimpleNamespace(target="snowflake")
    real = keys.folder(cast(Any, loaded)._replace(config=config))
    assert real == clone / "environments" / "keys" / "prod"
