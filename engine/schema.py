"""Is every property that a program sets known to the plugin that it runs with?

The Python SDK may be newer than the plugin (`engine.status()` says so). A property that only the
SDK knows would reach the plugin and be lost or refused late; this check finds it before.
`check` takes what a program registers; `resources_of` reads it from the documents of
`pulumi preview --json` and `pulumi stack export`.
Deliberately absent: values. The plugin itself judges those, at every preview.
"""

import difflib
import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from engine import cache, installation
from engine.errors import EngineError
from engine.programs import plugins
from engine.toolchain import InstalledProgram, Toolchain

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"  # marks a secret, an asset or an output
PROVIDER_PREFIX: Final = "pulumi:providers:"
# What a provider resource carries for the engine, beside the provider's own settings.
ENGINE_KEYS: Final[dict[str, Any]] = {"version": {}, "pluginDownloadURL": {}}
SCHEMA_SECONDS: Final = 120

Resource = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class UnknownProperty:
    """A property that the plugin does not know: `path` as `onSchema.schemaName`, or the empty text
    when the plugin does not know the resource type at all; `near` are known names like it."""

    token: str
    path: str
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.path:
            return f"{self.token}: the plugin has no such resource"
        hint = f" (known and similar: {', '.join(self.near)})" if self.near else ""
        return f"{self.token}: the plugin does not know the property {self.path}{hint}"


class PackageSchema:
    """The input properties of one plugin, from its package schema.

    https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._resources: Mapping[str, Any] = document["resources"]
        self._types: Mapping[str, Any] = document.get("types", {})
        self._provider: Mapping[str, Any] = document.get("provider", {})

    def inputs(self, token: str) -> Mapping[str, Any] | None:
        """The input properties of a resource type or of the provider; None when it is unknown."""
        if token.startswith(PROVIDER_PREFIX):
            settings: Mapping[str, Any] = self._provider.get("inputProperties", {})
            return {**ENGINE_KEYS, **settings}
        resource: Mapping[str, Any] | None = self._resources.get(token)
        return None if resource is None else resource.get("inputProperties", {})

    def unknown(self, token: str, inputs: Mapping[str, Any]) -> Iterator[UnknownProperty]:
        """Every input that the plugin does not know, nested ones too."""
        known = self.inputs(token)
        if known is None:
            yield UnknownProperty(token, "")
            return
        for path, near in self._walk(known, inputs, ""):
            yield UnknownProperty(token, path, near)

    def _walk(
        self, known: Mapping[str, Any], given: Mapping[str, Any], prefix: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, value in given.items():
            if name.startswith("__"):  # the bridge's and the SDK's own notes
                continue
            path = f"{prefix}{name}"
            if name in known:
                yield from self._value(known[name], value, path)
            else:
                yield path, tuple(difflib.get_close_matches(name, known))

    def _value(
        self, spec: Mapping[str, Any], value: Any, path: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        if isinstance(value, list):
            for item in value:
                yield from self._value(spec.get("items", {}), item, path)
        elif isinstance(value, Mapping) and SIGNATURE not in value and "$ref" in spec:
            nested = self._types.get(spec["$ref"].removeprefix("#/types/"), {})
            if "properties" in nested:
                yield from self._walk(nested["properties"], value, f"{path}.")


def unknown_properties(
    resources: Iterable[Resource], toolchain: Toolchain | None = None
) -> list[UnknownProperty]:
    """What of these resources their plugins do not know: each once, sorted.

    A resource is its type token (`snowflake:index/warehouse:Warehouse`) and its inputs under their
    names on the wire (camel case). Types of other packages are passed over: components, dynamic
    providers. `toolchain` defaults to the one that is ready. Raises EngineError when none is.
    """
    schemas = package_schemas(toolchain or _ready())
    found: set[UnknownProperty] = set()
    for token, inputs in resources:
        schema = schemas.get(_package(token))
        if schema is not None:
            found.update(schema.unknown(token, inputs))
    return sorted(found, key=lambda item: (item.token, item.path))


def check(resources: Iterable[Resource], toolchain: Toolchain | None = None) -> None:
    """Raise EngineError that names every unknown property, when there is one."""
    found = unknown_properties(resources, toolchain)
    if found:
        raise EngineError(
            "the program sets what its plugin does not know:\n"
            + "\n".join(f"  {item}" for item in found),
            "leave these out, or use an official plugin of the SDK's version "
            "(`leap engine status` tells which plugin runs)",
        )


def resources_of(document: Mapping[str, Any]) -> Iterator[Resource]:
    """The resources in a document of `pulumi preview --json` or `pulumi stack export`.

    Of a preview, what it leaves standing; deletions are passed over.
    """
    if "deployment" in document:
        states: Iterable[Any] = (document["deployment"] or {}).get("resources") or ()
    else:
        states = (step.get("newState") for step in document.get("steps") or ())
    for state in states:
        if state:
            yield state["type"], state.get("inputs") or {}


def package_schemas(toolchain: Toolchain) -> dict[str, PackageSchema]:
    """The schema of each plugin of the toolchain, by package name."""
    schemas = {}
    for plugin in plugins():
        program = toolchain.program(plugin.program.name)
        if program is not None:
            schemas[plugin.package] = _load(_schema_file(toolchain, program))
    return schemas


def _ready() -> Toolchain:
    found = installation.find()
    if found is None:
        raise EngineError("there is no engine to check against", "run `leap engine install`")
    return found


def _package(token: str) -> str:
    if token.startswith(PROVIDER_PREFIX):
        return token.removeprefix(PROVIDER_PREFIX)
    return token.split(":", 1)[0]


def _schema_file(toolchain: Toolchain, program: InstalledProgram) -> Path:
    """The file of a plugin's schema; an official plugin is asked for it, once."""
    if program.schema is not None:
        return program.schema
    kept = cache.root() / "schemas" / f"{program.name}-{program.version}.json"
    if not kept.is_file():
        done = subprocess.run(
            [str(toolchain.pulumi), "package", "get-schema", str(program.path)],
            capture_output=True,
            timeout=SCHEMA_SECONDS,
        )
        if done.returncode != 0:
            raise EngineError(
                f"{program.path} does not give its schema: {done.stderr.decode(errors='replace')}",
                "run `leap engine install` again, or LEAP_ENGINE=build to build the plugin",
            )
        cache.write(kept, done.stdout)
    return kept


@lru_cache(maxsize=8)
def _load(path: Path) -> PackageSchema:
    return PackageSchema(json.loads(path.read_bytes()))
