"""From facts to items: what a deployment of an environment makes, known without the engine.

A test holds these items against what the program registers. What an account's own numbers name
(buckets, queues, IAM roles) is absent: the policy pack sees it, and so does an audit of the state.
"""

from collections.abc import Iterator
from typing import Any, Final

from infra.model import regional_clone, tagging
from infra.model.access import SYSADMIN
from infra.model.account import NAMES
from infra.model.environment import Environment
from infra.model.grants import Grant, Scope, access_roles, derive_grants
from infra.model.identifiers import parts, quoted
from infra.model.naming import logical
from infra.model.rules.item import UNKNOWN, Item, Kind
from infra.model.rules.resources import grant, grant_name, singular

REVIEWS: Final = (
    *("required_approving_review_count", "require_code_owner_reviews"),
    *("dismiss_stale_reviews", "require_last_push_approval"),
)
"""Facts of a protection that the provider keeps under its reviews."""


def declared(environment: Environment) -> list[Item]:
    """The items of an environment; ``place`` is the key of the facts that each comes from."""
    return [
        *_compute(environment),
        *_data(environment),
        *_roles(environment),
        *_users(environment),
        *_doors(environment),
        *_account(environment),
        *_taggings(environment),
        *_repositories(environment),
        *_replication(environment),
    ]


def _compute(environment: Environment) -> Iterator[Item]:
    naming = environment.naming
    for key, warehouse in environment.warehouses.items():
        scale = warehouse.query_acceleration_max_scale_factor
        values = {
            **warehouse.model_dump(mode="json"),
            "resource_monitor": naming.account(warehouse.resource_monitor),
            "enable_query_acceleration": None if scale is None else "true",
        }
        name = naming.account(key)
        yield _item(Kind.WAREHOUSE, name, f"warehouses.{key}", **values)
        owner = grant(SYSADMIN, ("OWNERSHIP",), "WAREHOUSE", (name,))
        words = grant_name(SYSADMIN, "WAREHOUSE", (name,))
        yield Item(Kind.OWNERSHIP, words, owner, f"warehouses.{key}")
    for key, monitor in environment.monitors.items():
        values = monitor.model_dump(mode="json")
        yield _item(Kind.MONITOR, naming.account(key), f"monitors.{key}", **values)


def _data(environment: Environment) -> Iterator[Item]:
    facts, protected = environment.database, environment.protect
    database = environment.naming.account(facts.name)
    days = facts.data_retention_time_in_days
    found = _item(Kind.DATABASE, database, "database", data_retention_time_in_days=days)
    yield found._replace(protected=protected)
    for key, schema in facts.schemas.items():
        values = {
            "database": database,
            "is_transient": "true" if schema.is_transient else "false",
            "data_retention_time_in_days": schema.data_retention_time_in_days,
        }
        found = _item(Kind.SCHEMA, key, f"database.schemas.{key}", **values)
        yield found._replace(protected=protected)
    for key in environment.stages:
        found = _item(Kind.STAGE, key, f"stages.{key}", database=database)
        yield found._replace(protected=protected)


def _roles(environment: Environment) -> Iterator[Item]:
    for key in environment.roles:
        yield _item(Kind.ROLE, environment.naming.account(key), f"roles.{key}")
    for carrier in access_roles(environment):
        yield _item(Kind.ROLE, carrier.name, "access")
    for one in derive_grants(environment):
        yield _grant(one, environment)


def _grant(one: Grant, environment: Environment) -> Item:
    place = f"access.{one.role.removeprefix(environment.prefix)}"
    if one.on == "ROLE":
        return _role_grant(one.name, "to_role", one.role, place)
    path = parts(one.name)
    on = one.on
    if one.scope is not Scope.OBJECT:
        on = singular(one.on)
        path = (*path, f"<{on}>")
    privileges = tuple(map(str, one.privileges))
    properties = grant(one.role, privileges, on, path, scope=one.scope.value)
    return Item(Kind.GRANT, grant_name(one.role, on, path), properties, place)


def _users(environment: Environment) -> Iterator[Item]:
    naming = environment.naming
    for key, person in environment.people.items():
        place, role = f"people.{key}", naming.account(person.role)
        name = naming.account(key)
        yield _item(Kind.USER, name, place, default_role=role, email=person.email)
        yield _role_grant(role, "to_user", naming.account(key), place)
    for key, program in environment.service_users.items():
        place, role = f"service_users.{key}", naming.account(program.role)
        policy = program.network_policy
        # Its keys are files beside the facts.
        values: dict[str, Any] = {
            "type": "SERVICE",
            "default_role": role,
            "network_policy": naming.account(policy) if policy else "",
            "rsa_public_key": UNKNOWN,
        }
        yield _item(Kind.USER, naming.account(key), place, **values)
        yield _role_grant(role, "to_user", naming.account(key), place)


def _doors(environment: Environment) -> Iterator[Item]:
    naming = environment.naming
    for key, addresses in environment.network.groups.items():
        values = {"value_lists": list(addresses), "mode": "INGRESS"}
        yield _item(Kind.NETWORK_RULE, key, f"network.groups.{key}", **values)
    for key, policy in environment.network.policies.items():
        values = {"allowed_network_rule_lists": list(policy.allowed)}
        place = f"network.policies.{key}"
        yield _item(Kind.NETWORK_POLICY, naming.account(key), place, **values)
    for key, passwords in environment.password_policies.items():
        values = passwords.model_dump(mode="json")
        yield _item(Kind.PASSWORD_POLICY, key, f"password_policies.{key}", **values)


def _account(environment: Environment) -> Iterator[Item]:
    """Each parameter that a rule may look at; what is not set has no value."""
    given = environment.account_parameters.given()
    for key in NAMES:
        values = {"key": key, "value": given.get(key, "")}
        place = f"account_parameters.{key.lower()}"
        yield Item(Kind.ACCOUNT_PARAMETER, key, values, place)


def _taggings(environment: Environment) -> Iterator[Item]:
    place = environment.naming.account(environment.database.name)
    for one in tagging.taggings(environment, ()):
        values = {
            "tag_id": quoted(place, environment.governance.schema_, one.tag),
            "tag_value": one.value,
            "object_type": one.object_type,
            "object_identifiers": [one.object],
        }
        yield Item(Kind.TAGGING, one.logical_name, values, "governance.tags")


def _repositories(environment: Environment) -> Iterator[Item]:
    for key, repository in environment.repositories.items():
        for pattern, rule in repository.protection.items():
            values = rule.model_dump(mode="json")
            reviews = {name: values.pop(name) for name in REVIEWS}
            contexts, strict = values.pop("required_status_checks"), values.pop("strict")
            checks = [{"contexts": contexts, "strict": strict}] if contexts else None
            place = f"repositories.{key}.protection.{pattern}"
            more = {"required_pull_request_reviews": [reviews], "required_status_checks": checks}
            yield Item(Kind.BRANCH_PROTECTION, pattern, {**values, **more}, place)


def _replication(environment: Environment) -> Iterator[Item]:
    naming, facts = environment.naming, environment.replication
    for key in environment.marketplace:
        yield _item(Kind.IMPORTED_DATABASE, naming.account(key), f"marketplace.{key}")
    if facts is None:
        return
    for key, group in facts.groups.items():
        values = {
            "object_types": list(group.object_types),
            "allowed_databases": [naming.account(one) for one in group.databases],
            "allowed_integration_types": list(group.integration_types),
            "replication_schedule": group.schedule,
        }
        name = naming.account(key)
        yield _item(Kind.FAILOVER_GROUP, name, f"replication.groups.{key}", **values)
    if facts.connection is not None:
        # Which account takes it over is the stack's configuration.
        values = {"enable_failover_to_accounts": UNKNOWN}
        name = naming.account(facts.connection.name)
        yield _item(Kind.CONNECTION, name, "replication.connection", **values)
    if facts.clone is not None:
        yield from _clones(environment, naming.account(facts.clone.database))


def _clones(environment: Environment, name: str) -> Iterator[Item]:
    """What is of the second account alone."""
    days, place = environment.database.data_retention_time_in_days, "replication.clone"
    found = _item(Kind.DATABASE, name, place, data_retention_time_in_days=days)
    yield found._replace(protected=environment.protect)
    found = _item(Kind.SCHEMA, regional_clone.SCHEMA, place, database=name, is_transient="false")
    yield found._replace(protected=environment.protect)
    home = environment.naming.account(environment.database.name)
    if owner := environment.database.tags.get("OWNER"):
        values = {
            "tag_id": quoted(home, environment.governance.schema_, "OWNER"),
            "tag_value": owner,
            "object_type": "DATABASE",
            "object_identifiers": [quoted(name)],
        }
        yield Item(Kind.TAGGING, logical(name, "owner"), values, place)


def _role_grant(role: str, key: str, to: str, place: str) -> Item:
    properties = {"role": role, "to_role": "", "to_user": "", key: to}
    return Item(Kind.ROLE_GRANT, f"{role} to {to}", properties, place)


def _item(kind: Kind, name: str, place: str, **properties: Any) -> Item:
    return Item(kind, name, {**properties, "name": name}, place)
