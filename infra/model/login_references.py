"""What must hold between facts about logins: references, and that nobody is locked out."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from infra.model.faults import Fault, at, entries, known, listed
from infra.model.layers import Path


def network(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Groups are networks, policies name groups, and an account's policy admits the deployer."""
    groups, policies = at(values, "network", "groups"), at(values, "network", "policies")
    for name, addresses in groups.items():
        yield from _networks(("network", "groups", name), addresses)
    yield from _networks(("network", "deployer"), at(values, "network").get("deployer"))
    for name, policy in entries(values, "network", "policies"):
        for index, group in enumerate(listed(policy.get("allowed"))):
            path = ("network", "policies", name, "allowed", index)
            yield from known(path, group, list(groups))
    chosen = at(values, "network").get("account_policy")
    yield from known(("network", "account_policy"), chosen, list(policies))
    if isinstance(chosen, str) and chosen in policies:
        yield from _deployer_gets_in(values, chosen)


def service_users(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Roles, warehouses and policies exist, and no person has the same name."""
    policies = list(at(values, "network", "policies"))
    methods = list(at(values, "authentication_policies"))
    for name, user in entries(values, "service_users"):
        path = ("service_users", name)
        yield from known((*path, "role"), user.get("role"), list(at(values, "roles")))
        warehouses = list(at(values, "warehouses"))
        yield from known((*path, "warehouse"), user.get("warehouse"), warehouses)
        yield from known((*path, "network_policy"), user.get("network_policy"), policies)
        method = user.get("authentication_policy")
        yield from known((*path, "authentication_policy"), method, methods)
        if name in at(values, "people"):
            yield Fault(path, "the name of a person", "a name that nobody has")


def password_policies(values: Mapping[str, Any]) -> Iterator[Fault]:
    """An account has one password policy."""
    holding = [n for n, p in entries(values, "password_policies") if p.get("account") is True]
    for name in holding[1:]:
        path = ("password_policies", name, "account")
        yield Fault(path, "true", f"one policy of the account (there is {holding[0]})")


def _networks(path: Path, addresses: Any) -> Iterator[Fault]:
    for index, address in enumerate(listed(addresses)):
        found = _parsed(address)
        if found is None:
            yield Fault((*path, index), f"{address!r}", "a network like 203.0.113.0/24")
        elif found.prefixlen == 0:
            yield Fault((*path, index), f"{address!r}", "fewer addresses than all there are")


def _deployer_gets_in(values: Mapping[str, Any], policy: str) -> Iterator[Fault]:
    groups = listed(at(values, "network", "policies", policy).get("allowed"))
    named = at(values, "network", "groups")
    allowed = [_parsed(item) for group in groups for item in listed(named.get(group))]
    deployer = listed(at(values, "network").get("deployer"))
    if not deployer:
        needed = "the addresses that deployments come from, or the account would lock them out"
        yield Fault(("network", "deployer"), "nothing", needed)
    for index, address in enumerate(deployer):
        own = _parsed(address)
        if own and not any(wide and own.subnet_of(wide) for wide in allowed):
            needed = f"addresses that {policy} allows, or the account would lock deployments out"
            yield Fault(("network", "deployer", index), f"{address!r}", needed)


def _parsed(address: Any) -> IPv4Network | None:
    try:
        return IPv4Network(address)
    except ValueError:
        return None


RULES: Sequence[Any] = (network, service_users, password_policies)
"""Every rule of this page."""
