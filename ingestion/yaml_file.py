"""Reading one YAML file into a frozen value, with every mistake in it reported at once.

A mistake is one line, `path:key: got …, allowed …`. What is deliberately absent: defaults and
merging; a feed's file is complete by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra.model import layers

Model = TypeVar("Model", bound=BaseModel)

_ALLOWED_BY_ERROR = {
    "missing": "a value",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "mapping_type": "a mapping",
}


class InvalidInputError(ValueError):
    """What was given cannot be used; `problems` says each thing that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read(path: Path, shown_as: str, model: type[Model]) -> Model:
    """The value that a file holds.

    Args:
        path: the file.
        shown_as: how messages name it, normally its path from the repository's root.
        model: the frozen pydantic class that it must fit.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    try:
        layer, problems = layers.read(shown_as, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError([f"{shown_as}: cannot be read: {error}"]) from error
    if problems:
        raise InvalidInputError([str(problem) for problem in problems])
    try:
        return model.model_validate(layer.values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise InvalidInputError(
            [_problem(shown_as, detail, model) for detail in details]
        ) from error


def _problem(shown_as: str, detail: ErrorDetails, model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    place = f"{shown_as}:{key}" if key else shown_as
    if detail["type"] == "extra_forbidden":
        allowed = ", ".join(_fields_at(model, detail["loc"][:-1]))
        return f"{place}: got an unknown key, allowed {allowed}"
    if detail["type"] == "value_error":
        return f"{place}: {detail['ctx']['error']}"
    got = "nothing" if detail["type"] == "missing" else repr(detail["input"])
    return f"{place}: got {got}, allowed {_allowed(detail)}"


def _allowed(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if "pattern" in context:
        return f"text that matches {context['pattern']}"
    if "expected" in context:
        return str(context["expected"])
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return _ALLOWED_BY_ERROR.get(detail["type"], message)


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The field names of the model at a place inside another, for the message on an unknown key."""
    current: type[BaseModel] = model
    for part in location:
        if isinstance(part, int):
            continue
        annotation = current.model_fields[part].annotation
        inner = [annotation, *getattr(annotation, "__args__", ())]
        current = next(c for c in inner if isinstance(c, type) and issubclass(c, BaseModel))
    return sorted(current.model_fields)
