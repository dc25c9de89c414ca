"""The real engine and GitHub's real plugin on LEAP's own component of repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import engine
from tests.sandbox.github.conftest import Github

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

ROOT = Path(__file__).resolve().parents[3]
PROJECT = f"""\
name: chain
runtime:
  name: python
  options:
    virtualenv: {sys.prefix}
"""
PROTECTION = "/repos/acme/leap/branches/{}/protection"


class Chain:
    """The stack, and the GitHub that it deploys to."""

    def __init__(self, github: Github, folder: Path) -> None:
        self.github = github
        self._folder = folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "GITHUB_"))}
        self._variables = kept | engine.install().environment(folder)
        self._variables |= {
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "LEAP_ROOT": str(ROOT),
            "GITHUB_URL": github.url,
        }

    def pulumi(self, *arguments: str, step: int = 1) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self._folder,
            env=self._variables | {"STEP": str(step)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def plan(self, *options: str, step: int = 1) -> dict[str, set[str]]:
        """What a plan would do: resources' names by operation."""
        found: dict[str, set[str]] = {}
        for item in json.loads(self.pulumi("preview", "--json", *options, step=step))["steps"]:
            if item["op"] not in {"same", "refresh"}:
                found.setdefault(item["op"], set()).add(item["urn"].rpartition("::")[2])
        return found


@pytest.fixture(scope="module")
def chain(github: Github, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    folder = tmp_path_factory.mktemp("project")
    (folder / "Pulumi.yaml").write_text(PROJECT)
    shutil.copy(Path(__file__).with_name("github_program.py"), folder / "__main__.py")
    made = Chain(github, folder)
    made.pulumi("stack", "init", "chain")
    return made


def _protection(github: Github, branch: str) -> dict[str, Any]:
    found: dict[str, Any] = github.ask("GET", PROTECTION.format(branch)).body
    return found


def test_the_brief_s_protection_reads_back_by_the_ordinary_api(chain: Chain) -> None:
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    for branch in ("main", "develop"):
        found = _protection(chain.github, branch)
        assert found["required_pull_request_reviews"]["required_approving_review_count"] == 1
        assert found["required_status_checks"]["contexts"]
        assert found["required_linear_history"]["enabled"]
        assert found["enforce_admins"]["enabled"]
        assert not found["allow_force_pushes"]["enabled"]
        assert not found["allow_deletions"]["enabled"]
    tags = chain.github.ask("GET", "/repos/acme/leap/rulesets").body
    assert [(rule["target"], rule["enforcement"]) for rule in tags] == [("tag", "active")]


def test_a_rule_weakened_by_hand_is_found_and_mended(chain: Chain) -> None:
    path = PROTECTION.format("develop")
    chain.github.ask("DELETE", f"{path}/enforce_admins")
    chain.github.ask("DELETE", PROTECTION.format("main"))
    planned = chain.plan("--refresh")
    assert planned == {"create": {"leap-protection-main"}, "update": {"leap-protection-develop"}}
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert _protection(chain.github, "develop")["enforce_admins"]["enabled"]
    assert _protection(chain.github, "main")["required_linear_history"]["enabled"]


def test_every_kind_changes_at_its_place(chain: Chain) -> None:
    chain.github.faults.write_text('[{"match": "^PATCH", "with": "broken"}]')
    chain.pulumi("up", "--yes", "--skip-preview", step=2)
    assert chain.plan("--refresh", step=2) == {}
    reviews = _protection(chain.github, "develop")["required_pull_request_reviews"]
    assert reviews["required_approving_review_count"] == 2
    variable = chain.github.ask("GET", "/repos/acme/leap/actions/variables/LEAP_STACK").body
    assert variable["value"] == "other"


def test_nothing_is_left(chain: Chain) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview", step=2)
    assert chain.github.ask("GET", "/orgs/acme/repos").body == []
    assert chain.github.ask("GET", "/orgs/acme/teams").body == []
