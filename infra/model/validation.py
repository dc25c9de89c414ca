"""Merged values in; an environment out, or every problem with it at once.

The form of each value is pydantic's to judge and the references between them are `references`'s;
both always run. A problem names the file that set the value, after the merge.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.model import faults, references, words
from infra.model.environment import Environment
from infra.model.layers import Merged, Path, dotted
from infra.model.problem import Problem


def check(merged: Merged, feeds: Sequence[str]) -> tuple[Environment | None, list[Problem]]:
    """The environment, or None with all problems, sorted. ``feeds`` are the names that exist."""
    problems: set[Problem] = set()
    environment = None
    try:
        environment = Environment.model_validate_json(json.dumps(merged.values), strict=True)
    except ValidationError as error:
        problems |= {_problem(merged, details) for details in error.errors(include_url=False)}
    malformed = {problem.key for problem in problems}
    # Where a whole section is no mapping, that it declares nothing is no fault of who refers to it.
    broken = malformed & set(Environment.model_fields)
    for fault in references.faults(merged.values, feeds):
        key = dotted(fault.path)
        if key not in malformed and not (broken and fault.allowed == faults.NONE_DECLARED):
            problems.add(Problem(merged.file(fault.path), key, fault.got, fault.allowed))
    return (None if problems else environment), sorted(problems)


@cache
def model_schema() -> dict[str, Any]:
    """The JSON Schema of a complete environment."""
    return Environment.model_json_schema()


def file_schema() -> dict[str, Any]:
    """The JSON Schema of one environment file, for editors: nothing is required, null removes."""
    schema = json.loads(json.dumps(model_schema()))
    for node in _nodes(schema):
        node.pop("required", None)
        for name in ("properties", "patternProperties"):
            node.update({name: _or_null(node[name])} if name in node else {})
        if isinstance(node.get("additionalProperties"), dict):
            node["additionalProperties"] = _nullable(node["additionalProperties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from schema.get("$defs", {}).values()
    for node in (schema, *schema.get("$defs", {}).values()):
        yield from (p for p in node.get("properties", {}).values() if p.get("type") == "object")


def _or_null(nodes: dict[str, Any]) -> dict[str, Any]:
    return {key: _nullable(node) for key, node in nodes.items()}


def _nullable(node: dict[str, Any]) -> dict[str, Any]:
    if any(option.get("type") == "null" for option in node.get("anyOf", [])):
        return node
    return {"anyOf": [node, {"type": "null"}]}


def _problem(merged: Merged, details: ErrorDetails) -> Problem:
    path: Path = tuple(part for part in details["loc"] if part != "[key]")
    kind, schema = details["type"], model_schema()
    file = merged.file(path)
    if kind == "extra_forbidden":
        parent = words.node_at(schema, path[:-1]) or {}
        known = words.keys(parent)
        return Problem(file, dotted(path), "an unknown key", faults.nearest(str(path[-1]), known))
    if "[key]" in details["loc"]:
        limits, name = details.get("ctx", {}), str(path[-1])
        if most := limits.get("max_length"):
            shown = (*path[:-1], f"{name[:20]}…")
            return Problem(file, dotted(shown), f"{len(name)} letters", f"a name of {most} at most")
        allowed = f"a name like {limits.get('pattern', '')}"
        return Problem(file, dotted(path), f"{name!r}", allowed)
    node = words.node_at(schema, path)
    accepted = words.allowed(schema, node) if node is not None else details["msg"]
    if kind == "enum" and node is not None:
        accepted += faults.suggestion(str(details["input"]), words.choices(node))
    given = "nothing" if kind == "missing" else f"{details['input']!r}"
    return Problem(file, dotted(path), given, accepted)
