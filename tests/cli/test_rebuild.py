"""A lost state is made again round by round; the engine here is a program of three users."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import hub
from cli.deployment import engine_run, ready, rebuild, secret_key, shadow
from cli.deployment import stack as stacks
from cli.deployment.engine_run import Run
from cli.deployment.events import Tally
from cli.errors import FoundError, NotUsableError

STACK = "urn:pulumi:local::leap::pulumi:pulumi:Stack::leap-local"
ADMIN = "urn:pulumi:local::leap::pulumi:providers:snowflake::admin"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
USER = "snowflake:index/user:User"


def urn(name: str, token: str = USER) -> str:
    """A resource's."""
    return f"urn:pulumi:local::leap::{token}::{name}"


class Engine:
    """Plans what the program wants and the state has not; reads what the account has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.account = {"LEO", "ANA"}
        self.tokens = {"leo": USER, "ana": USER}
        self.rounds: list[list[str]] = []

    @property
    def known(self) -> dict[str, dict[str, Any]]:
        """The state's entries."""
        variables = shadow.beside(self.folder, {})
        entries = stacks.exported("local", variables).get("resources") or ()
        return {one["urn"]: one for one in entries}

    def run(
        self, command: str, stack: str, variables: Any, *, options: Sequence[str], **more: Any
    ) -> Run:
        """As `cli.deployment.engine_run.run`."""
        log = self.folder / "log"
        log.write_text("")
        if command == "preview":
            (self.folder / rebuild.PLAN).write_text(json.dumps(self.plan()))
        else:
            self.refresh([o for o in options if o.startswith("urn:")])
        return Run(command, stack, 0, Tally(), log)

    def plan(self) -> dict[str, Any]:
        """`ana` is told by something of `leo` that is known only when he is."""
        goals = {STACK: _goal("pulumi:pulumi:Stack"), ADMIN: _goal("pulumi:providers:snowflake")}
        for name, token in self.tokens.items():
            comment = UNKNOWN if name == "ana" and urn("leo") not in self.known else name
            inputs = {"name": name.upper(), "comment": comment}
            goals[urn(name, token)] = _goal(token, inputs, provider=f"{ADMIN}::{UNKNOWN}")
        steps = {u: ["same"] if u in self.known else ["create"] for u in goals}
        plans = {u: {"goal": goal, "steps": steps[u]} for u, goal in goals.items()}
        manifest = {"time": "2026-03-01T10:00:00Z", "magic": "m", "version": "v"}
        return {"manifest": manifest, "resourcePlans": plans}

    def refresh(self, targets: list[str]) -> None:
        """Read these."""
        self.rounds.append([target.rpartition("::")[2] for target in targets])
        deployment = stacks.exported("local", shadow.beside(self.folder, {}))
        deployment["resources"] = [
            one
            for one in deployment["resources"]
            if one["urn"] not in targets or one["id"] in self.account
        ]
        shadow.lay(self.folder, "local", deployment)


def _goal(token: str, inputs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    custom = token != "pulumi:pulumi:Stack"
    parent = STACK if custom else ""
    diff = {"inputDiff": {"adds": inputs or {}}}
    return {"type": token, "custom": custom, "parent": parent, **diff, **more}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stack whose secrets have a passphrase."""
    (tmp_path / "Pulumi.local.yaml").write_text("encryptionsalt: v1:salt\n")
    monkeypatch.setattr(secret_key, "ROOT", tmp_path)
    return SimpleNamespace(stack="local", variables={}, settings=None)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bench: Any) -> Engine:
    """The engine, the account and the program."""
    made = Engine(tmp_path / "backend")
    monkeypatch.setattr(engine_run, "run", made.run)
    monkeypatch.setattr(hub, "owner_of", lambda settings: "leap")
    return made


def test_what_becomes_known_by_what_was_read_is_read_in_the_next_round(
    bench: Any, engine: Engine
) -> None:
    made = rebuild.rebuild(bench, engine.folder)
    assert engine.rounds == [["leo"], ["ana"], []]
    assert made.absent == made.waiting == []
    ids = {one["urn"]: one.get("id") for one in made.deployment["resources"]}
    assert (ids[urn("leo")], ids[urn("ana")], ids[STACK]) == ("LEO", "ANA", None)
    assert engine.known[urn("ana")]["provider"] == f"{ADMIN}::{ids[ADMIN]}"
    assert made.deployment["secrets_providers"]["state"] == {"salt": "v1:salt"}


def test_what_no_cloud_has_is_named_with_what_waits_for_it(bench: Any, engine: Engine) -> None:
    engine.account = {"ANA"}
    made = rebuild.rebuild(bench, engine.folder)
    assert (made.absent, made.waiting) == (["User leo"], ["User ana"])
    assert {one["urn"] for one in made.deployment["resources"]} == {STACK, ADMIN}


def test_a_kind_that_nobody_described_is_named_and_nothing_is_read(
    bench: Any, engine: Engine
) -> None:
    engine.tokens["call"] = "snowflake:index/execute:Execute"
    with pytest.raises(NotUsableError, match="snowflake:index/execute:Execute"):
        rebuild.rebuild(bench, engine.folder)
    assert engine.rounds == []


def test_a_second_try_begins_anew(bench: Any, engine: Engine) -> None:
    rebuild.rebuild(bench, engine.folder)
    (engine.folder / "left over").touch()
    rebuild.rebuild(bench, engine.folder)
    assert engine.rounds == [["leo"], ["ana"], []] * 2
    assert not (engine.folder / "left over").exists()


def test_a_key_in_a_cloud_is_taken_from_the_stacks_file(bench: Any, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.local.yaml"
    file.write_text("secretsprovider: awskms://alias/leap\nencryptedkey: abc\n")
    assert secret_key.secrets_provider("local") == {
        "type": "cloud",
        "state": {"url": "awskms://alias/leap", "encryptedkey": "abc"},
    }


def test_secrets_that_the_backend_encrypts_are_a_refusal_in_words(
    bench: Any, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.local.yaml").write_text("config: {}\n")
    with pytest.raises(NotUsableError, match="encrypted by the backend"):
        secret_key.secrets_provider("local")


def test_a_state_that_is_there_is_not_rebuilt(
    bench: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"urn": urn("leo"), "type": USER, "custom": True}
    monkeypatch.setattr(ready, "make_ready", lambda *a, **k: {"resources": [entry]})
    with pytest.raises(FoundError, match="has a state with 1 resources; nothing was done"):
        rebuild.found_again(bench)
    assert engine.rounds == []
