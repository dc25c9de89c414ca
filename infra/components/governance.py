"""Tags with their masking policies, and row access policies, owned by ACCOUNTADMIN.

A masking policy hangs on a tag, never on a column: what is tagged is masked. The role that runs the
platform cannot take a mask away. Row access policies
are attached by dbt, in the statement that makes a table, so that it is never open in between.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.components.standing import Standing
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical


class Governance(pulumi.ComponentResource):
    """The tags and policies of an environment."""

    standing: Standing
    """The tags and row access policies."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        schema: pulumi.Resource,
    ) -> None:
        """``schema``: that they lie in, and go with: tables that dbt made still use them then."""
        super().__init__(Token.GOVERNANCE, name)
        options = pulumi.ResourceOptions(
            parent=self,
            provider=providers.accountadmin,
            depends_on=[schema],
            deleted_with=schema,
        )
        masks = _masks(environment, options)
        self.standing = {
            "TAG": _tags(environment, masks, options),
            "ROW ACCESS POLICY": _row_access_policies(environment, options),
        }
        self.register_outputs({})


def _place(environment: Environment) -> dict[str, Any]:
    database = environment.naming.account(environment.database.name)
    return {"database": database, "schema": environment.governance.schema_}


def _masks(
    environment: Environment, options: pulumi.ResourceOptions
) -> dict[str, snowflake.MaskingPolicy]:
    named = environment.naming.account
    return {
        key: snowflake.MaskingPolicy(
            logical(key),
            name=key,
            arguments=[
                snowflake.MaskingPolicyArgumentArgs(name="VAL", type=policy.data_type.value)
            ],
            return_data_type=policy.data_type.value,
            body=policy.body(tuple(map(named, policy.plain_for))),
            comment=policy.comment or None,
            opts=options,
            **_place(environment),
        )
        for key, policy in environment.governance.masking_policies.items()
    }


def _tags(
    environment: Environment,
    masks: Mapping[str, snowflake.MaskingPolicy],
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Resource]:
    facts, place = environment.governance, _place(environment)
    tags: dict[str, pulumi.Resource] = {}
    for key, tag in facts.tags.items():
        ours = [mask for mask, policy in facts.masking_policies.items() if policy.tag == key]
        after = pulumi.ResourceOptions(depends_on=[masks[mask] for mask in ours])
        tags[quoted(*place.values(), key)] = snowflake.Tag(
            logical(key),
            name=key,
            allowed_values=sorted(tag.allowed_values),
            masking_policies=[quoted(*place.values(), mask) for mask in ours] or None,
            comment=tag.comment or None,
            opts=pulumi.ResourceOptions.merge(options, after),
            **place,
        )
    return tags


def _row_access_policies(
    environment: Environment, options: pulumi.ResourceOptions
) -> dict[str, pulumi.Resource]:
    roles = {role: environment.naming.account(role) for role in environment.roles}
    return {
        quoted(*_place(environment).values(), key): snowflake.RowAccessPolicy(
            logical(key),
            name=key,
            arguments=[snowflake.RowAccessPolicyArgumentArgs(name=policy.column, type="VARCHAR")],
            body=policy.body(roles),
            comment=policy.comment or None,
            opts=options,
            **_place(environment),
        )
        for key, policy in environment.governance.row_access_policies.items()
    }
