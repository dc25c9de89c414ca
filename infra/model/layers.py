"""YAML layers: read, checked for repeated keys, and merged by name, remembering each value's file.

Text in, plain values and problems out; nothing here opens a file or knows what the keys mean. A
later layer's mapping merges into the earlier one's, anything else replaces, null removes.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from infra.model.problem import Problem

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
Path: TypeAlias = "tuple[str | int, ...]"


class Layer(NamedTuple):
    """One file: the name to show for it, and its values."""

    file: str
    values: dict[str, Value]


class Merged(NamedTuple):
    """The layers as one, and the file that each path's value came from."""

    values: dict[str, Value]
    origins: Mapping[Path, str]

    def file(self, path: Path) -> str:
        """The file to name for a problem at this path: the nearest that said anything there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return self.origins.get((), "")


class _Loader(yaml.SafeLoader):
    """YAML's core schema, as editors read it: no dates, and `yes`, `1:30` and `010` are text.

    https://yaml.org/spec/1.2.2/#103-core-schema
    """


_TAG: Final = "tag:yaml.org,2002:"
_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "bool": ("tTfF", "true|True|TRUE|false|False|FALSE"),
    "int": ("-+0123456789", "[-+]?(0|[1-9][0-9]*)"),
    "float": (
        "-+.0123456789",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?)|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    ),
}
"""First letters and form of what is more than text without quotes."""
_SORTS: Final = ("str", "bool", "int", "float", "null", "seq", "map")
_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] in {f"{_TAG}null", f"{_TAG}merge"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _sort, (_first, _form) in _PLAIN.items():
    _Loader.add_implicit_resolver(f"{_TAG}{_sort}", re.compile(f"^(?:{_form})$"), list(_first))
_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix(_TAG) in _SORTS
}
_FAST: Final = type(
    "_Fast",
    (getattr(yaml, "CSafeLoader", _Loader),),
    {
        "yaml_implicit_resolvers": _Loader.yaml_implicit_resolvers,
        "yaml_constructors": _Loader.yaml_constructors,
    },
)
"""libyaml, where PyYAML was built with it: the same values, five times as fast."""


def read(file: str, text: str) -> tuple[Layer, list[Problem]]:
    """The layer in a file's text, with a problem for broken YAML and for each repeated key."""
    try:
        try:
            node, values = _parsed(text, _FAST)
        except yaml.YAMLError:
            node, values = _parsed(text, _Loader)  # which shows the line that it cannot read
        repeated = list(_repeated(file, node, ()))
    except yaml.YAMLError as error:
        return Layer(file, {}), [_broken(file, error)]
    except RecursionError:
        return Layer(file, {}), [
            Problem(file, "", "an alias within itself", "YAML without circles")
        ]
    if not isinstance(values, dict):
        return Layer(file, {}), [Problem(file, "", f"{values!r}", "a mapping")]
    return Layer(file, values), repeated


def _broken(file: str, error: yaml.YAMLError) -> Problem:
    """Where the file stops being YAML, as an editor counts lines."""
    mark = getattr(error, "problem_mark", None)
    words = " ".join(str(getattr(error, "problem", None) or error).split())
    place = f"{file}:{mark.line + 1}" if mark is not None else file
    allowed = "YAML, indented with spaces" if r"'\t'" in words else "YAML"
    return Problem(place, "", f"broken YAML ({words})", allowed)


def _parsed(text: str, parser: Callable[[str], Any]) -> tuple[yaml.Node | None, Any]:
    loader = parser(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node is not None else {}
    finally:
        loader.dispose()


def _repeated(file: str, node: yaml.Node | None, path: Path) -> Iterator[Problem]:
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _repeated(file, item, (*path, index))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        here = (*path, key.value)
        if key.value in seen:
            line = key.start_mark.line + 1
            yield Problem(file, dotted(here), f"the key again on line {line}", "each key once")
        seen.add(key.value)
        yield from _repeated(file, value, here)


def merge(layers: Sequence[Layer]) -> Merged:
    """The layers as one, the later over the earlier."""
    values: dict[str, Value] = {}
    origins: dict[Path, str] = {}
    for layer in layers:
        origins[()] = layer.file
        _merge_into(values, layer.values, (), layer.file, origins)
    return Merged(values, origins)


def _merge_into(
    target: dict[str, Value],
    source: Mapping[str, Value],
    path: Path,
    file: str,
    origins: dict[Path, str],
) -> None:
    for key, value in source.items():
        here, below = (*path, str(key)), target.get(str(key))
        origins[here] = file
        if value is None:
            target.pop(str(key), None)
        elif isinstance(value, dict):
            merged = below if isinstance(below, dict) else {}
            target[str(key)] = merged
            _merge_into(merged, value, here, file, origins)
        else:
            target[str(key)] = value


def dotted(path: Path) -> str:
    """A path for people: ``warehouses.BI_WH.auto_suspend``, list items as ``feeds.0``."""
    return ".".join(str(part) for part in path)
