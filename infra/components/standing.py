"""What stands already, by type and name, so that what comes next waits for its own needs alone.

The engine and the SDK work on every dependency of every resource: if each grant waited for all
roles and schemas, an estate would cost as much as the square of its size.
"""

from collections.abc import Mapping
from typing import TypeAlias

import pulumi

Standing: TypeAlias = Mapping[str, Mapping[str, pulumi.Resource]]
"""By object type, then by the name as a `Grant` has it."""


def going_with(
    standing: Standing, kind: str, name: str, options: pulumi.ResourceOptions
) -> pulumi.ResourceOptions:
    """The options of what is set on an object, and is lost when that is made anew: it is set again.

    It is taken off before, while its object still stands.
    """
    made = standing.get(kind, {})
    on = [made[name]] if name in made else None
    more = pulumi.ResourceOptions(replace_with=on, delete_before_replace=True if on else None)
    return pulumi.ResourceOptions.merge(options, more)


def awaited(standing: Standing, kind: str, name: str) -> list[pulumi.Resource]:
    """The resource of that name; all of its type where the name is none of ours."""
    made = standing.get(kind, {})
    return [made[name]] if name in made else list(made.values())
