"""Where programs and people may come from, and how they prove who they are.

Vendor: https://docs.snowflake.com/en/user-guide/network-policies,
https://docs.snowflake.com/en/user-guide/authentication-policies and
https://docs.snowflake.com/en/user-guide/key-pair-auth. Session policies are absent: the provider
has none.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.identifiers import Identifier

Cidr = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$")]
"""IPv4 addresses in CIDR notation, such as ``203.0.113.0/24``."""

Addresses = Annotated[tuple[Cidr, ...], Field(min_length=1)]


class NetworkPolicy(Fact):
    """The groups of addresses that may log in; nobody else may."""

    allowed: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    comment: str = ""


class Network(Fact):
    """Groups of addresses, and the policies made of them."""

    groups: Mapping[Identifier, Addresses] = {}
    """Each is a network rule in the governance schema."""
    policies: Mapping[Identifier, NetworkPolicy] = {}
    """They hold whoever names them; see ``service_users``."""
    account_policy: Identifier | None = None
    """The policy that holds everybody in the account who has none of their own."""
    deployer: tuple[Cidr, ...] = ()
    """Where deployments come from: an account's policy must let them in."""


class AuthenticationMethod(StrEnum):
    """How a program proves who it is; a password is none of the ways."""

    KEYPAIR = "KEYPAIR"
    OAUTH = "OAUTH"


class ClientType(StrEnum):
    """What it logs in with."""

    DRIVERS = "DRIVERS"
    SNOWSQL = "SNOWSQL"
    SNOWFLAKE_UI = "SNOWFLAKE_UI"


class AuthenticationPolicy(Fact):
    """The ways in for service users."""

    authentication_methods: Annotated[tuple[AuthenticationMethod, ...], Field(min_length=1)]
    client_types: Annotated[tuple[ClientType, ...], Field(min_length=1)]
    comment: str = ""


class PasswordPolicy(Fact):
    """What a password must be. What is left out keeps Snowflake's default."""

    account: bool = False
    """Whether it holds everybody in the account. One environment of an account may say so."""
    min_length: Annotated[int, Field(ge=8, le=256)] | None = None
    max_age_days: Annotated[int, Field(ge=0, le=999)] | None = None
    """0: it does not expire."""
    history: Annotated[int, Field(ge=0, le=24)] | None = None
    max_retries: Annotated[int, Field(ge=1, le=10)] | None = None
    lockout_time_mins: Annotated[int, Field(ge=1, le=999)] | None = None
    comment: str = ""


class ServiceUser(Fact):
    """A program that logs in, with key pairs and nothing else.

    Its public keys are files (``environments/keys``), its private ones never are.
    """

    role: Identifier
    warehouse: Identifier
    network_policy: Identifier | None = None
    authentication_policy: Identifier | None = None
    comment: str = ""
