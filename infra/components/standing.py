"""What stands already, by type and name, so that what comes next waits for its own needs alone.

The engine and the SDK work on every dependency of every resource: if each grant waited for all
roles and schemas, an estate would cost as much as the square of its size.
"""

from collections.abc import Mapping
from typing import TypeAlias

import pulumi

Standing: TypeAlias = Mapping[str, Mapping[str, pulumi.Resource]]
"""By object type, then by the name as a `Grant` has it."""


def awaited(standing: Standing, kind: str, name: str) -> list[pulumi.Resource]:
    """The resource of that name; all of its type where the name is none of ours."""
    made = standing.get(kind, {})
    return [made[name]] if name in made else list(made.values())
