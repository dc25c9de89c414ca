"""The procedures through which workspaces get a warehouse with a limit, and who may call them.

ACCOUNTADMIN owns them, because only it may make a resource monitor and attach one; the role that
makes workspaces may call them, and has no other way to either.

https://docs.snowflake.com/en/user-guide/resource-monitors
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components import contents
from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical
from infra.model.workspace_procedures import Procedure, procedures


class WorkspaceDoor(pulumi.ComponentResource):
    """Every procedure for workspaces, in the operations schema."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        schema: pulumi.Resource,
        needs: Sequence[pulumi.Resource],
        roles: Mapping[str, pulumi.Resource],
    ) -> None:
        """``needs``: what stands before. ``roles``: by name, with the one that calls."""
        super().__init__(Token.WORKSPACE_DOOR, name)
        naming = environment.naming
        place = (naming.account(environment.database.name), environment.operations.schema_)
        caller = naming.account(environment.workspaces.deployer)
        granting = pulumi.ResourceOptions(
            parent=self, provider=providers.securityadmin, depends_on=[*needs, roles[caller]]
        )
        merged = pulumi.ResourceOptions.merge
        making = pulumi.ResourceOptions(
            parent=self, provider=providers.accountadmin, depends_on=[*needs, roles[caller]]
        )
        snowflake.GrantPrivilegesToAccountRole(
            logical("schema"),
            account_role_name=caller,
            privileges=["USAGE"],
            on_schema={"schema_name": quoted(*place)},
            opts=merged(granting, contents.going_with(schema)),
        )
        for procedure in procedures(environment):
            made = _procedure(procedure, place, making)
            snowflake.GrantPrivilegesToAccountRole(
                logical("call", procedure.name),
                account_role_name=caller,
                privileges=["USAGE"],
                on_schema_object={
                    "object_type": "PROCEDURE",
                    "object_name": _named(made, procedure.signature(*place)),
                },
                opts=merged(
                    merged(granting, pulumi.ResourceOptions(depends_on=[made])),
                    contents.going_with(made),
                ),
            )
        self.register_outputs({})


def _procedure(
    procedure: Procedure, place: tuple[str, str], options: pulumi.ResourceOptions
) -> snowflake.ProcedureSql:
    database, schema = place
    return snowflake.ProcedureSql(
        logical(procedure.name),
        name=procedure.name,
        database=database,
        schema=schema,
        arguments=[
            snowflake.ProcedureSqlArgumentArgs(arg_name=name, arg_data_type=kind)
            for name, kind in procedure.arguments
        ],
        return_type="VARCHAR",
        execute_as="OWNER",
        procedure_definition=procedure.body,
        comment=procedure.comment,
        opts=options,
    )


def _named(made: snowflake.ProcedureSql, signature: str) -> pulumi.Output[str]:
    """The signature, known once the procedure is: one that is made anew is granted anew."""
    return made.id.apply(lambda _id: signature)
