"""The roles, schemas and grants of an estate as OpenTofu's JSON configuration.

The same attributes as `infra/components` gives the provider, from the same facts.
https://opentofu.org/docs/language/syntax/json/
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from infra.model.environment import Environment
from infra.model.grants import ACCOUNT, Grant, Scope, access_roles, derive_grants, logical_name
from infra.model.identifiers import quoted

SOURCE: Final = "snowflake-labs/snowflake"
LEFT_OUT: Final = frozenset({"INTEGRATION", "TAG", "ROW ACCESS POLICY", "STAGE"})
"""Grants on what this configuration does not make, and on imported databases and warehouses."""


def configuration(environment: Environment, account: dict[str, Any]) -> dict[str, Any]:
    """The whole configuration; `account` is the sandbox's part of a connection file."""
    database = environment.naming.account(environment.database.name)
    resources: dict[str, dict[str, Any]] = defaultdict(dict)
    resources["snowflake_database"]["database"] = {"name": database}
    for name, facts in environment.database.schemas.items():
        resources["snowflake_schema"][_key(name)] = {
            "name": name,
            "database": database,
            "comment": facts.comment,
            "depends_on": ["snowflake_database.database"],
        }
    for key, role in environment.roles.items():
        _role(resources, environment.naming.account(key), role.comment)
    for level in access_roles(environment):
        _role(resources, level.name, level.comment)
    for grant in derive_grants(environment):
        if _is_on_ours(grant, database):
            kind, body = _grant(grant, resources, database)
            resources[kind][_key(logical_name(grant, environment))] = body
    return {
        "terraform": {"required_providers": {"snowflake": {"source": SOURCE}}},
        "provider": {"snowflake": _provider(account)},
        "resource": dict(resources),
    }


def count(written: dict[str, Any]) -> int:
    """The resources of a configuration."""
    return sum(len(named) for named in written["resource"].values())


def _provider(account: dict[str, Any]) -> dict[str, Any]:
    return {
        "organization_name": account["organization"],
        "account_name": account["account_name"],
        "user": account["admin"]["user"],
        "password": account["admin"]["password"],
        "role": "ACCOUNTADMIN",
        "host": account["host"],
        "port": account["port"],
        "protocol": account["protocol"],
    }


def _role(resources: dict[str, dict[str, Any]], name: str, comment: str) -> None:
    resources["snowflake_account_role"][_key(name)] = {"name": name, "comment": comment}


def _is_on_ours(grant: Grant, database: str) -> bool:
    if grant.on == "DATABASE":
        return grant.name == database
    return grant.on not in LEFT_OUT | {"WAREHOUSE"}


def _grant(
    grant: Grant, resources: dict[str, dict[str, Any]], database: str
) -> tuple[str, dict[str, Any]]:
    """The resource's type and body; it waits for its role and for what it is on."""
    roles = resources["snowflake_account_role"]
    after = [f"snowflake_account_role.{_key(n)}" for n in (grant.role,) if _key(n) in roles]
    if grant.on == "ROLE":
        after += [f"snowflake_account_role.{_key(grant.name)}"]
        body: dict[str, Any] = {"role_name": grant.name, "parent_role_name": grant.role}
        return "snowflake_grant_account_role", {**body, "depends_on": after}
    body = {"account_role_name": grant.role, "privileges": list(grant.privileges)}
    if grant.scope is not Scope.OBJECT:
        within = {"object_type_plural": grant.on, "in_schema": grant.name}
        body["on_schema_object"] = {grant.scope.value.lower(): within}
    elif grant.on == ACCOUNT:
        body["on_account"] = True
    elif grant.on == "SCHEMA":
        body["on_schema"] = {"schema_name": grant.name}
    else:
        body["on_account_object"] = {"object_type": grant.on, "object_name": grant.name}
    schemas = resources["snowflake_schema"]
    after += [
        f"snowflake_schema.{key}"
        for key, made in schemas.items()
        if quoted(database, made["name"]) == grant.name
    ]
    after += ["snowflake_database.database"] if grant.on == "DATABASE" else []
    return "snowflake_grant_privileges_to_account_role", {**body, "depends_on": after}


def _key(name: str) -> str:
    """A name as an identifier of the configuration."""
    return "".join(c if c.isalnum() else "_" for c in name.lower())
