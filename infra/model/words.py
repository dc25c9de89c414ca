"""What a place in the facts may hold, in words, read from the model's own JSON Schema."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Node: TypeAlias = Mapping[str, Any]

_TYPES = {"string": "text", "boolean": "true or false", "null": "nothing", "object": "a mapping"}


def node_at(schema: Node, path: Sequence[str | int]) -> Node | None:
    """The schema's node for a path of keys, or None where the schema knows no such path."""
    node: Node | None = schema
    for part in path:
        node = _step(schema, _resolved(schema, node), part) if node is not None else None
    return _sole(schema, _resolved(schema, node)) if node is not None else None


def _sole(schema: Node, node: Node) -> Node:
    """What a value that may be null is otherwise: its keys are those to name."""
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    return _resolved(schema, options[0]) if len(options) == 1 else node


def _step(schema: Node, node: Node, part: str | int) -> Node | None:
    for option in node.get("anyOf", ()):
        found = _step(schema, _resolved(schema, option), part)
        if found is not None:
            return found
    if isinstance(part, int):
        return node.get("items")
    properties = node.get("properties", {})
    if part in properties:
        found = properties[part]
        return found if isinstance(found, Mapping) else None
    extra = node.get("additionalProperties")
    patterns = list(node.get("patternProperties", {}).values())
    below = extra if isinstance(extra, Mapping) else (patterns or [None])[0]
    return below if isinstance(below, Mapping) else None


def _resolved(schema: Node, node: Node) -> Node:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def keys(node: Node) -> list[str]:
    """The keys that a mapping with fixed keys may have."""
    return sorted(node.get("properties", {}))


def choices(node: Node) -> list[str]:
    """The words of which the node takes one; none where it takes others."""
    return [str(word) for word in node.get("enum", ())]


def allowed(schema: Node, node: Node) -> str:
    """What the node accepts: ``integer ≥ 0``, ``one of A, B``, ``list of text``."""
    node = _resolved(schema, node)
    if "anyOf" in node:
        options = [allowed(schema, o) for o in node["anyOf"] if o.get("type") != "null"]
        return " or ".join(options)
    if "enum" in node:
        return "one of " + ", ".join(node["enum"])
    kind = node.get("type")
    if kind == "integer":
        return _integer(node)
    if kind == "number":
        return f"number > {node['exclusiveMinimum']:g}" if "exclusiveMinimum" in node else "number"
    if kind == "string" and node.get("minLength", 0) > 1 and "pattern" not in node:
        return f"text of at least {node['minLength']} letters"
    if kind == "array":
        return "list of " + allowed(schema, node.get("items", {}))
    if kind == "object" and "properties" in node:
        return "a mapping with " + ", ".join(keys(node))
    words = _TYPES.get(str(kind), "a value")
    return f"{words} like {node['pattern']}" if "pattern" in node else words


def _integer(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f"integer from {low} to {high}"
    return f"integer ≥ {low}" if low is not None else "integer"
