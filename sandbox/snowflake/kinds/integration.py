"""What all integrations share: one namespace, the SHOW columns, the DESCRIBE table.

`INTEGRATION` itself is a family: statements that leave the type word out (`DROP INTEGRATION x`,
`SHOW INTEGRATIONS`, grants) mean whichever integration has the name.
https://docs.snowflake.com/en/sql-reference/commands-integration
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.result import Result
from sandbox.snowflake.verbs.describe import property_rows

if TYPE_CHECKING:
    from sandbox.snowflake.account import Identity

NAMESPACE: Final = "INTEGRATION"
PRIVILEGES: Final = ("USAGE", "USE_ANY_ROLE")
_CLOUD_ACCOUNT: Final = "222222222222"
"""The AWS account that stands for Snowflake's own."""


def _type(context: Context, record: Record) -> str:
    type_ = str(record.properties.get("TYPE"))
    provider = record.properties.get("NOTIFICATION_PROVIDER")
    return f"{type_} - {provider}" if type_ == "QUEUE" else type_


SHOW: Final = (
    column.NAME,
    ShowColumn("type", _type),
    ShowColumn("category", lambda context, record: record.kind.partition(" ")[0]),
    column.flag("enabled", "ENABLED"),
    column.COMMENT,
    column.CREATED_ON,
)


def require(record: Record, names: Sequence[str]) -> None:
    """Fail when one of the properties that the integration's form needs is not set."""
    missing = [name for name in names if record.properties.get(name) in (None, [])]
    if missing:
        raise CompilationError(f"Missing option(s): [{', '.join(missing)}]")


def switch_off_where_unset(record: Record) -> None:
    """ENABLED must be given at first, and is false once it is unset."""
    if record.properties.get("ENABLED") is None:
        record.properties["ENABLED"] = False


def iam_user(identity: Identity) -> str:
    """The AWS user that Snowflake acts as: the same for every integration of the account."""
    name = hashlib.sha256(identity.locator.encode()).hexdigest()[:4]
    return f"arn:aws:iam::{_CLOUD_ACCOUNT}:user/{name}0000-s"


def external_id(identity: Identity, record: Record) -> str:
    """The external id of one integration; an integration that is made anew gets another one.

    https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
    """
    seed = f"{identity.locator}/{record.id}/{record.created_on.isoformat()}"
    text = base64.b64encode(hashlib.sha256(seed.encode()).digest()[:20]).decode()
    return f"{generated_start(identity)}{text}"


def generated_start(identity: Identity) -> str:
    """What every external id begins with that Snowflake made."""
    return f"{identity.organization}_SFCRole=2_"


def service_account(context: Context) -> str:
    """The Google account that Snowflake acts as."""
    return f"{context.account.identity.locator.lower()}@gcpuseast1.iam.gserviceaccount.com"


def azure(record: Record) -> dict[str, str]:
    """What an Azure tenant needs in order to let Snowflake in."""
    tenant = record.properties["AZURE_TENANT_ID"]
    return {
        "AZURE_CONSENT_URL": f"https://login.microsoftonline.com/{tenant}/oauth2/authorize",
        "AZURE_MULTI_TENANT_APP_NAME": f"sandbox_{record.id}",
    }


def rows(record: Record, wanted: Sequence[tuple[str, str, str]]) -> Result:
    """The DESCRIBE table: `(name, type, default)` for each property, with its value in force."""
    values = record.properties
    return property_rows(
        (name, type_, shown(values.get(name)), last) for name, type_, last in wanted
    )


def shown(value: Any) -> str:
    """A property as DESCRIBE writes it; never NULL, which clients cannot read here."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value)
    return "" if value is None else str(value)


KIND: Final = Kind(
    name=NAMESPACE,
    plural="INTEGRATIONS",
    scope=Scope.ACCOUNT,
    family=True,
    show=SHOW,
    privileges=PRIVILEGES,
)
