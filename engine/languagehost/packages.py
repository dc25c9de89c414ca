"""What a program's environment has installed: Pulumi packages with their plugins, and all else.

A Pulumi SDK carries `pulumi-plugin.json`, which names its plugin and version. Reporting them lets
the engine make sure, before it runs anything, that each plugin is there at that version; it
downloads one only when it is not.
https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
"""

import importlib.metadata
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PluginNeed:
    """A plugin that an installed SDK asks for; `version` with its `v`, `server` if unusual."""

    name: str
    version: str
    server: str


def plugin_needs(site_packages: Iterable[Path]) -> Iterator[PluginNeed]:
    """The plugins that the SDKs in these folders ask for, by name."""
    for folder in site_packages:
        for path in sorted(folder.glob("*/pulumi-plugin.json")):
            facts = json.loads(path.read_text(encoding="utf-8"))
            if facts.get("resource") and facts.get("version"):
                name = facts.get("name") or path.parent.name.removeprefix("pulumi_")
                version = "v" + str(facts["version"]).removeprefix("v")
                yield PluginNeed(name, version, facts.get("server", ""))


def installed(site_packages: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Every installed distribution as name and version, sorted by name."""
    folders = [str(folder) for folder in site_packages]
    found = {
        (distribution.metadata["Name"], distribution.version)
        for distribution in importlib.metadata.distributions(path=folders)
    }
    yield from sorted(found, key=lambda item: item[0].lower())
