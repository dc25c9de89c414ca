"""Internal stages, for files that people put by hand. A feed's own stage is the feed's."""

from collections.abc import Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical


class Stages(pulumi.ComponentResource):
    """Every internal stage of an environment, owned by SYSADMIN."""

    stages: list[pulumi.Resource]

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        needs: Sequence[pulumi.Resource],
    ) -> None:
        """``needs``: the schemas."""
        super().__init__(Token.STAGES, name)
        self.stages = [
            snowflake.Stage(
                logical(key),
                name=key,
                database=environment.naming.account(environment.database.name),
                schema=facts.schema_,
                comment=facts.comment or None,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    provider=providers.sysadmin,
                    depends_on=list(needs),
                    protect=environment.protect,
                ),
            )
            for key, facts in environment.stages.items()
        ]
        self.register_outputs({})
