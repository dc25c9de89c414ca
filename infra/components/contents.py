"""What lies in a schema goes with it when that is made anew, and is made again in the same plan.

The engine knows of no containers: without this it would believe that the contents still stand.
https://www.pulumi.com/docs/iac/concepts/options/replacewith/
"""

from collections.abc import Mapping
from typing import Final

import pulumi

SNOWFLAKE: Final = "snowflake:"


def go_with(database: str, schemas: Mapping[str, pulumi.Resource]) -> None:
    """Let everything that is declared from here on in one of the schemas go with it."""

    def inside(
        given: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        around = schemas.get(str(given.props.get("schema")))
        ours = given.type_.startswith(SNOWFLAKE) and given.props.get("database") == database
        if around is None or not ours:
            return None
        options = pulumi.ResourceOptions.merge(given.opts, going_with(around))
        return pulumi.ResourceTransformationResult(given.props, options)

    pulumi.runtime.register_stack_transformation(inside)


def going_with(around: pulumi.Resource) -> pulumi.ResourceOptions:
    """The options of what is lost with another object: what lies in a schema, a grant on it.

    Where that is made anew, it is taken away before and made again after; where that goes for good,
    it goes without a statement of its own.
    """
    return pulumi.ResourceOptions(
        replace_with=[around], deleted_with=around, delete_before_replace=True
    )
