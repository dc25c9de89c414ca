"""The declared source: an environment's facts as the access that a deployment of them gives.

Grants are those of `derive_grants`, nothing else; objects are the environment's, its feeds' and
the dbt project's models, with the owners that their makers become. A model's schema and
materialization are read from the project's files, without running dbt.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from infra.model.environment import Environment
from infra.model.grants import ACCOUNT, IMPORTED, Grant, Scope, access_roles, derive_grants
from infra.model.workspace_procedures import procedures
from ingestion.feed import load_feeds
from ops.access.facts import Facts
from ops.access.names import THE_ACCOUNT, Principal, Securable, coming, parse, role, signature, user
from ops.access.privileges import fitting, singular
from ops.access.system import ACCOUNTADMIN, SYSADMIN, USERADMIN, add_system_roles, own

BUILDER: Final = "TRANSFORMER"
"""The role that runs dbt, and so owns what dbt builds."""

_MATERIALIZED: Final = re.compile(r"config\([^)]*materialized\s*=\s*['\"](\w+)['\"]")
_KINDS: Final = {"table": "TABLE", "incremental": "TABLE", "view": "VIEW"}


def declared(environment: Environment, project: Path, source: str) -> Facts:
    """The access that an environment declares.

    Args:
        environment: the facts.
        project: the dbt project's folder; its models are the schemas' tables and views.
        source: what to call these facts.
    """
    facts = Facts(source)
    add_system_roles(facts)
    _add_objects(facts, environment)
    for owner, model in models(environment, project):
        own(facts, owner, model)
    _add_principals(facts, environment)
    internal = set(_internal_stages(environment))
    for grant in derive_grants(environment):
        _add_grant(facts, grant, internal)
    _add_procedures(facts, environment)
    return facts


def _add_objects(facts: Facts, environment: Environment) -> None:
    naming = environment.naming
    database = naming.account(environment.database.name)
    own(facts, SYSADMIN, Securable("DATABASE", (database,)))
    for schema in environment.database.schemas:
        own(facts, SYSADMIN, Securable("SCHEMA", (database, schema)))
        for kind in ("TABLE", "VIEW"):
            facts.securable(coming(kind, database, schema))
    for warehouse in environment.warehouses:
        own(facts, SYSADMIN, Securable("WAREHOUSE", (naming.account(warehouse),)))
    for monitor in environment.monitors:
        own(facts, ACCOUNTADMIN, Securable("RESOURCE MONITOR", (naming.account(monitor),)))
    integration = naming.account(environment.landing.storage_integration)
    own(facts, ACCOUNTADMIN, Securable("INTEGRATION", (integration,)))
    _add_governance(facts, environment, database)
    for shared in environment.marketplace:
        own(facts, ACCOUNTADMIN, Securable("DATABASE", (naming.account(shared),)))
    for stage in _internal_stages(environment):
        own(facts, SYSADMIN, stage)
    for feed in load_feeds():
        if feed.name in environment.feeds:
            place = (database, environment.landing.schema_)
            own(facts, SYSADMIN, Securable("TABLE", (*place, feed.table)))
            own(facts, SYSADMIN, Securable("STAGE", (*place, feed.stage)))
            own(facts, SYSADMIN, Securable("FILE FORMAT", (*place, feed.file_format)))
            own(facts, SYSADMIN, Securable("PIPE", (*place, feed.pipe)))


def _internal_stages(environment: Environment) -> Iterator[Securable]:
    database = environment.naming.account(environment.database.name)
    for name, stage in environment.stages.items():
        yield Securable("STAGE", (database, stage.schema_, name))


def _add_procedures(facts: Facts, environment: Environment) -> None:
    """The door of workspaces: who makes them may call its procedures, and use their schema."""
    naming = environment.naming
    caller = role(naming.account(environment.workspaces.deployer))
    place = (naming.account(environment.database.name), environment.operations.schema_)
    facts.grant(caller, ("USAGE",), Securable("SCHEMA", place))
    for procedure in procedures(environment):
        types = ", ".join(kind for _, kind in procedure.arguments)
        name = signature(f"{procedure.name}({types})")
        called = Securable("PROCEDURE", (*place, name))
        own(facts, ACCOUNTADMIN, called)
        facts.grant(caller, ("USAGE",), called)


def _add_governance(facts: Facts, environment: Environment, database: str) -> None:
    governance = environment.governance
    kinds = {
        "TAG": governance.tags,
        "MASKING POLICY": governance.masking_policies,
        "ROW ACCESS POLICY": governance.row_access_policies,
    }
    for kind, names in kinds.items():
        for name in names:
            own(facts, ACCOUNTADMIN, Securable(kind, (database, governance.schema_, name)))


def _add_principals(facts: Facts, environment: Environment) -> None:
    naming = environment.naming
    for name in environment.roles:
        own(facts, USERADMIN, Securable("ROLE", (naming.account(name),)))
        facts.principal(role(naming.account(name)))
    for carrier in access_roles(environment):
        own(facts, USERADMIN, Securable("ROLE", (carrier.name,)))
        facts.carriers.add(role(carrier.name))
    for name, person in environment.people.items():
        own(facts, USERADMIN, Securable("USER", (naming.account(name),)))
        facts.grant_role(role(naming.account(person.role)), user(naming.account(name)))
    for name, program in environment.service_users.items():
        own(facts, ACCOUNTADMIN, Securable("USER", (naming.account(name),)))
        facts.grant_role(role(naming.account(program.role)), user(naming.account(name)))


def _add_grant(facts: Facts, grant: Grant, internal: Container[Securable]) -> None:
    holder = role(grant.role)
    if grant.on == ACCOUNT:
        facts.grant(holder, grant.privileges, THE_ACCOUNT)
        return
    path = parse(grant.name)
    if grant.on == "ROLE":
        facts.grant_role(role(grant.name), holder)
    elif grant.scope is Scope.OBJECT:
        privileges = ("USAGE",) if IMPORTED in grant.privileges else grant.privileges
        facts.grant(holder, privileges, Securable(grant.on, path))
    else:
        kind = singular(grant.on)
        # The grants are made before the objects are, so a future grant reaches declared ones too.
        for securable in facts.within(kind, path):
            if not securable.to_come:
                held = fitting(kind, grant.privileges, internal=securable in internal)
                facts.grant(holder, held, securable)
        if grant.scope is Scope.FUTURE:
            facts.grant(holder, grant.privileges, coming(kind, *path))


def carriers(environment: Environment) -> set[Principal]:
    """The roles that only carry privileges to other roles."""
    return {role(carrier.name) for carrier in access_roles(environment)}


def models(environment: Environment, project: Path) -> Iterator[tuple[Principal, Securable]]:
    """What dbt builds, each with its owner: the models of the project's folder."""
    builder = role(environment.naming.account(BUILDER))
    database = environment.naming.account(environment.database.name)
    path = project / "dbt_project.yml"
    if not path.is_file():
        return
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    folders: dict[str, Any] = document.get("models", {}).get(document["name"], {})
    for folder, settings in folders.items():
        if folder.startswith("+"):
            continue
        schema = str(settings.get("+schema", folder)).upper()
        for file in sorted((project / "models" / folder).glob("**/*.sql")):
            stated = _MATERIALIZED.search(file.read_text(encoding="utf-8"))
            built = stated[1] if stated else str(settings.get("+materialized", "view"))
            if built in _KINDS and schema in environment.database.schemas:
                yield builder, Securable(_KINDS[built], (database, schema, file.stem.upper()))
