"""Tags with their masking policies, and row access policies, owned by ACCOUNTADMIN.

A masking policy hangs on a tag, never on a column: what is tagged is masked. The role that runs the
platform cannot take a mask away. Row access policies
are attached by dbt, in the statement that makes a table, so that it is never open in between.
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical


class Governance(pulumi.ComponentResource):
    """The tags and policies of an environment."""

    tags: dict[str, snowflake.Tag]
    """By name."""
    policies: Sequence[pulumi.Resource]

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        needs: Sequence[pulumi.Resource],
    ) -> None:
        """``needs``: the schema."""
        super().__init__(Token.GOVERNANCE, name)
        options = pulumi.ResourceOptions(
            parent=self, provider=providers.accountadmin, depends_on=list(needs)
        )
        facts, naming = environment.governance, environment.naming
        database = naming.account(environment.database.name)
        place: dict[str, Any] = {"database": database, "schema": facts.schema_}
        masks = {
            key: snowflake.MaskingPolicy(
                logical(key),
                name=key,
                arguments=[
                    snowflake.MaskingPolicyArgumentArgs(name="VAL", type=policy.data_type.value)
                ],
                return_data_type=policy.data_type.value,
                body=policy.body(tuple(map(naming.account, policy.plain_for))),
                comment=policy.comment or None,
                opts=options,
                **place,
            )
            for key, policy in facts.masking_policies.items()
        }
        self.tags = {}
        for key, tag in facts.tags.items():
            ours = [mask for mask, policy in facts.masking_policies.items() if policy.tag == key]
            after = pulumi.ResourceOptions(depends_on=[masks[mask] for mask in ours])
            self.tags[key] = snowflake.Tag(
                logical(key),
                name=key,
                allowed_values=sorted(tag.allowed_values),
                masking_policies=[quoted(database, facts.schema_, mask) for mask in ours] or None,
                comment=tag.comment or None,
                opts=pulumi.ResourceOptions.merge(options, after),
                **place,
            )
        roles = {role: naming.account(role) for role in environment.roles}
        self.policies = [
            snowflake.RowAccessPolicy(
                logical(key),
                name=key,
                arguments=[
                    snowflake.RowAccessPolicyArgumentArgs(name=policy.column, type="VARCHAR")
                ],
                body=policy.body(roles),
                comment=policy.comment or None,
                opts=options,
                **place,
            )
            for key, policy in facts.row_access_policies.items()
        ]
        self.register_outputs({})
