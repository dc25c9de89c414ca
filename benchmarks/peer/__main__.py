"""Apply, plan again, one changed grant, and refresh: OpenTofu into a scratch sandbox."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.estate import declared, grow, tree
from benchmarks.measure import Cost, cost, say
from benchmarks.peer.building import Peer, built
from benchmarks.peer.objects import SOURCE, configuration, count
from benchmarks.scratch import sandbox
from infra import settings


def main() -> None:
    """Run the four, and print what each cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer", description=__doc__)
    parser.add_argument("--objects", type=int, default=1000)
    options = parser.parse_args()
    peer = built()
    with tempfile.TemporaryDirectory() as name, sandbox() as (connection, _):
        facts, work = Path(name) / "leap", Path(name) / "work"
        tree(facts)
        base = len(declared(facts))
        grow(facts, max(round((options.objects - base) / (grow(facts, 1) - base)), 0))
        environment = settings.load(facts, "local").environment
        written = configuration(environment, connection.model_dump()["snowflake"])
        work.mkdir()
        variables = _variables(peer, work)
        main_file = work / "main.tf.json"
        main_file.write_text(json.dumps(written), encoding="utf-8")
        up = _tofu(peer, work, variables, "apply", "-auto-approve")
        same = _tofu(peer, work, variables, "plan", "-refresh=false")
        refreshed = _tofu(peer, work, variables, "plan")
        grants = written["resource"]["snowflake_grant_privileges_to_account_role"]
        next(iter(grants.values()))["with_grant_option"] = True
        main_file.write_text(json.dumps(written), encoding="utf-8")
        one = _tofu(peer, work, variables, "plan", "-refresh=false")
    say(
        f"OpenTofu, {count(written)} roles, schemas and grants",
        f"apply: {up.in_words()}",
        f"plan, no change: {same.in_words()}; with refresh: {refreshed.in_words()}",
        f"plan of one changed grant: {one.in_words()}",
    )


def _variables(peer: Peer, work: Path) -> dict[str, str]:
    """The provider by a development override: no registry is asked, and `init` is not needed."""
    plugins = work / "plugins"
    plugins.mkdir()
    shutil.copy2(peer.provider, plugins / peer.provider.name)
    override = f'provider_installation {{\n  dev_overrides {{\n    "{SOURCE}" = "{plugins}"\n  }}\n'
    (work / "tofu.rc").write_text(override + "  direct {}\n}\n", encoding="utf-8")
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("SNOWFLAKE_")},
        "HOME": str(work),
        "TF_CLI_CONFIG_FILE": str(work / "tofu.rc"),
        "CHECKPOINT_DISABLE": "1",
    }


def _tofu(peer: Peer, work: Path, variables: dict[str, str], *words: str) -> Cost:
    line = [str(peer.tofu), *words, "-no-color", "-input=false", "-parallelism=16"]
    return cost(line, folder=work, variables=variables)


if __name__ == "__main__":
    main()
