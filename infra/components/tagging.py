"""Which object has which value of a tag: a resource each."""

from collections.abc import Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.components.standing import Standing, going_with
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token
from infra.model.tagging import Tagging


class Taggings(pulumi.ComponentResource):
    """Every tagging that the facts ask for, by ACCOUNTADMIN, which owns the tags."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        taggings: Sequence[Tagging],
        providers: Providers,
        needs: Standing,
    ) -> None:
        """``needs``: the tagged objects by type, and the tags under ``TAG``."""
        super().__init__(Token.TAGGINGS, name)
        facts = environment.governance
        database = environment.naming.account(environment.database.name)
        for tagging in taggings:
            snowflake.TagAssociation(
                tagging.logical_name,
                tag_id=quoted(database, facts.schema_, tagging.tag),
                tag_value=tagging.value,
                object_type=tagging.object_type,
                object_identifiers=[tagging.object],
                opts=going_with(
                    needs,
                    tagging.object_type,
                    tagging.object,
                    pulumi.ResourceOptions(
                        parent=self,
                        provider=providers.accountadmin,
                        depends_on=[
                            *needs["TAG"].values(),
                            *needs[tagging.object_type].values(),
                        ],
                    ),
                ),
            )
        self.register_outputs({})
