"""Internal stages, for files that people put by hand. A feed's own stage is the feed's."""

from collections.abc import Mapping

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.components.standing import Standing, awaited
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical


class Stages(pulumi.ComponentResource):
    """Every internal stage of an environment, owned by SYSADMIN."""

    stages: Mapping[str, pulumi.Resource]
    """By quoted name."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        needs: Standing,
    ) -> None:
        """``needs``: the schemas."""
        super().__init__(Token.STAGES, name)
        database = environment.naming.account(environment.database.name)
        self.stages = {
            quoted(database, facts.schema_, key): snowflake.Stage(
                logical(key),
                name=key,
                database=database,
                schema=facts.schema_,
                comment=comment(facts.comment),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    provider=providers.sysadmin,
                    depends_on=awaited(needs, "SCHEMA", quoted(database, facts.schema_)),
                    protect=environment.protect,
                ),
            )
            for key, facts in environment.stages.items()
        }
        self.register_outputs({})


def comment(text: str) -> str | None:
    """A stage's comment: the provider changes it with the text as it is, which `'` would end."""
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") or None
