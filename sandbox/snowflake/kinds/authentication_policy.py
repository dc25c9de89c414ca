"""Authentication policies.

MFA_POLICY, PAT_POLICY and WORKLOAD_IDENTITY_POLICY are not known here.
https://docs.snowflake.com/en/sql-reference/sql/create-authentication-policy
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InvalidValueError
from sandbox.snowflake.governance import policies
from sandbox.snowflake.kinds import account_policy
from sandbox.snowflake.result import Result

_CHOICES: Final = {
    "AUTHENTICATION_METHODS": (
        "ALL",
        "SAML",
        "PASSWORD",
        "OAUTH",
        "KEYPAIR",
        "PROGRAMMATIC_ACCESS_TOKEN",
        "WORKLOAD_IDENTITY",
    ),
    "MFA_AUTHENTICATION_METHODS": ("SAML", "PASSWORD"),
    "CLIENT_TYPES": ("ALL", "SNOWFLAKE_UI", "DRIVERS", "SNOWSQL", "SNOWFLAKE_CLI"),
}
_PROPERTIES: Final = (
    value.of("AUTHENTICATION_METHODS", value.read_texts, ["ALL"]),
    value.of("MFA_AUTHENTICATION_METHODS", value.read_texts, ["PASSWORD", "SAML"]),
    value.word("MFA_ENROLLMENT", "REQUIRED", "OPTIONAL", default="OPTIONAL"),
    value.of("CLIENT_TYPES", value.read_texts, ["ALL"]),
    value.of("SECURITY_INTEGRATIONS", value.read_texts, ["ALL"]),
)


def _validate(context: Context, record: Record) -> None:
    for name, choices in _CHOICES.items():
        given = record.properties[name] = [item.upper() for item in record.properties[name]]
        for item in given:
            if item not in choices:
                raise InvalidValueError(item, name)
    clients = record.properties["CLIENT_TYPES"]
    if record.properties["MFA_ENROLLMENT"] == "REQUIRED" and not {"ALL", "SNOWFLAKE_UI"} & {
        *clients
    }:
        raise CompilationError("MFA_ENROLLMENT = REQUIRED needs SNOWFLAKE_UI in CLIENT_TYPES.")


def _describe(context: Context, record: Record) -> Result:
    return account_policy.rows(context, record, _PROPERTIES)


KIND: Final = Kind(
    name="AUTHENTICATION POLICY",
    plural="AUTHENTICATION POLICIES",
    scope=Scope.SCHEMA,
    properties=(*_PROPERTIES, value.COMMENT),
    show=account_policy.show("AUTHENTICATION_POLICY"),
    describe=_describe,
    validate=_validate,
    dropped=policies.refuse_in_use,
    renamed=lambda context, record, path: None,
)
