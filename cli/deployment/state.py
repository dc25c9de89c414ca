"""Editing a stack's state with nothing else touched: protection off, lost entries put back.

The engine's own commands do the reading and the writing, so that every backend works and its
checks hold: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_import/
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from cli.deployment import stack as stacks
from cli.errors import NotUsableError
from cli.paths import ROOT

Entry: TypeAlias = Mapping[str, Any]
POINTERS: Final = ("dependencies", "replaceWith")


def write(stack: str, variables: Mapping[str, str], deployment: Entry) -> None:
    """Replace the deployment of a stack.

    Raises:
        NotUsableError: the engine refused it; the state is as it was.
    """
    text = stacks.pulumi(variables, "stack", "export", "--stack", stack)
    document = {**json.loads(text), "deployment": deployment}
    done = subprocess.run(
        ["pulumi", "stack", "import", "--stack", stack, "--force", "--non-interactive"],
        cwd=ROOT,
        env=dict(variables),
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NotUsableError(f"The state of {stack} could not be put right:\n{done.stderr}")


def protected(deployment: Entry) -> set[str]:
    """The URNs that the engine would refuse to delete."""
    return {r["urn"] for r in deployment.get("resources") or () if r.get("protect")}


def without_protection(deployment: Entry, urns: Collection[str] | None = None) -> dict[str, Any]:
    """The same deployment with some resources, or all, unprotected."""
    resources = [
        {**resource, "protect": False}
        if resource.get("protect") and (urns is None or resource["urn"] in urns)
        else resource
        for resource in deployment.get("resources") or ()
    ]
    return {**deployment, "resources": resources}


def closure(deployment: Entry, urns: Iterable[str]) -> list[dict[str, Any]]:
    """Some entries with what they cannot stand without, in order.

    That is their parents, their providers and the containers that they go with.
    """
    by_urn = {r["urn"]: r for r in deployment.get("resources") or ()}
    wanted: set[str] = set()
    waiting = [urn for urn in urns if urn in by_urn]
    while waiting:
        urn = waiting.pop()
        if urn in wanted:
            continue
        wanted.add(urn)
        entry = by_urn[urn]
        provider = str(entry.get("provider", "")).rpartition("::")[0]
        above = (entry.get("parent", ""), provider, entry.get("deletedWith", ""))
        waiting += [found for found in above if found in by_urn]
    return [dict(r) for r in deployment.get("resources") or () if r["urn"] in wanted]


def with_entries(deployment: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
    """The deployment with entries put back that it lacks, each behind what it stands on.

    What an entry points to and nobody has any more is cut from it.
    """
    resources = list(deployment.get("resources") or ())
    providers = {f"{r['urn']}::{r.get('id')}" for r in resources}
    known = {r["urn"] for r in resources}
    for entry in entries:
        if entry["urn"] in known:
            continue
        kept = dict(entry)
        provider = kept.get("provider")
        if provider and provider not in providers:
            # The provider was made anew since: the same one, under another id.
            kept["provider"] = next(
                (p for p in providers if p.rpartition("::")[0] == provider.rpartition("::")[0]),
                provider,
            )
        for pointer in POINTERS:
            if pointer in kept:
                kept[pointer] = [urn for urn in kept[pointer] or () if urn in known]
        kept["propertyDependencies"] = {
            name: [urn for urn in urns or () if urn in known]
            for name, urns in (kept.get("propertyDependencies") or {}).items()
        }
        resources.append(kept)
        known.add(kept["urn"])
        providers.add(f"{kept['urn']}::{kept.get('id')}")
    return {**deployment, "resources": resources}
