"""Notification integrations: queues, e-mail and webhooks that Snowflake listens or speaks to.

A form is the type with its direction and provider; each needs properties of its own.
https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Property, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InvalidPropertyError
from sandbox.snowflake.kinds import integration
from sandbox.snowflake.notification import webhook
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader


@dataclass(frozen=True, slots=True)
class _Form:
    """The properties that a form must have and may have, and those that Snowflake adds."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()


_AZURE: Final = ("AZURE_CONSENT_URL", "AZURE_MULTI_TENANT_APP_NAME")
_FORMS: Final[dict[tuple[Any, Any, Any], _Form]] = {
    ("QUEUE", "OUTBOUND", "AWS_SNS"): _Form(
        required=("AWS_SNS_TOPIC_ARN", "AWS_SNS_ROLE_ARN"),
        generated=("SF_AWS_IAM_USER_ARN", "SF_AWS_EXTERNAL_ID"),
    ),
    ("QUEUE", "INBOUND", "GCP_PUBSUB"): _Form(
        required=("GCP_PUBSUB_SUBSCRIPTION_NAME",), generated=("GCP_PUBSUB_SERVICE_ACCOUNT",)
    ),
    ("QUEUE", "OUTBOUND", "GCP_PUBSUB"): _Form(
        required=("GCP_PUBSUB_TOPIC_NAME",), generated=("GCP_PUBSUB_SERVICE_ACCOUNT",)
    ),
    ("QUEUE", "INBOUND", "AZURE_STORAGE_QUEUE"): _Form(
        required=("AZURE_STORAGE_QUEUE_PRIMARY_URI", "AZURE_TENANT_ID"),
        optional=("USE_PRIVATELINK_ENDPOINT",),
        generated=_AZURE,
    ),
    ("QUEUE", "OUTBOUND", "AZURE_EVENT_GRID"): _Form(
        required=("AZURE_EVENT_GRID_TOPIC_ENDPOINT", "AZURE_TENANT_ID"), generated=_AZURE
    ),
    ("EMAIL", "OUTBOUND", None): _Form(
        optional=("ALLOWED_RECIPIENTS", "DEFAULT_RECIPIENTS", "DEFAULT_SUBJECT")
    ),
    ("WEBHOOK", "OUTBOUND", None): _Form(
        required=("WEBHOOK_URL",),
        optional=("WEBHOOK_SECRET", "WEBHOOK_BODY_TEMPLATE", "WEBHOOK_HEADERS"),
    ),
}
_FORM_PROPERTIES: Final = frozenset(
    name for form in _FORMS.values() for name in (*form.required, *form.optional)
)


def _form(record: Record) -> _Form:
    properties = record.properties
    direction = properties.get("DIRECTION")
    if direction is None:
        direction = "INBOUND" if properties.get("TYPE") == "QUEUE" else "OUTBOUND"
    wanted = (properties.get("TYPE"), direction, properties.get("NOTIFICATION_PROVIDER"))
    form = _FORMS.get(wanted)
    if form is None:
        said = " ".join(str(word) for word in wanted if word)
        known = "; ".join(" ".join(word for word in key if word) for key in _FORMS)
        raise CompilationError(f"invalid notification integration [{said}]; known forms: {known}")
    return form


def _validate(context: Context, record: Record) -> None:
    integration.require(record, ("TYPE",))
    form = _form(record)
    integration.require(record, form.required)
    allowed = (*form.required, *form.optional)
    for name in sorted(_FORM_PROPERTIES.difference(allowed)):
        if record.properties.get(name) is not None:
            raise InvalidPropertyError(name, ", ".join(allowed))
    _check_values(context, record)


def _check_values(context: Context, record: Record) -> None:
    """Recipients within the allowed ones, a URL that Snowflake posts to, a secret that stands."""
    properties = record.properties
    allowed = {address.lower() for address in properties.get("ALLOWED_RECIPIENTS") or ()}
    for address in properties.get("DEFAULT_RECIPIENTS") or ():
        if allowed and address.lower() not in allowed:
            raise CompilationError(
                f"Email recipient [{address}] of DEFAULT_RECIPIENTS is not in ALLOWED_RECIPIENTS."
            )
    if properties.get("WEBHOOK_URL"):
        webhook.check_url(properties["WEBHOOK_URL"])
    if properties.get("WEBHOOK_SECRET"):
        path = Reader(properties["WEBHOOK_SECRET"]).path()
        secret = context.get(context.registry["SECRET"], path)
        context.demand("USAGE", secret)
        properties["WEBHOOK_SECRET"] = dotted(secret.path)
    elif webhook.uses_secret(properties):
        raise CompilationError(f"{webhook.KEY_PLACE} is used, but WEBHOOK_SECRET is not set.")


def _generate(context: Context, record: Record) -> None:
    made = {
        "SF_AWS_IAM_USER_ARN": integration.iam_user(context.account.identity),
        "SF_AWS_EXTERNAL_ID": integration.external_id(context.account.identity, record),
        "GCP_PUBSUB_SERVICE_ACCOUNT": integration.service_account(context),
    }
    form = _form(record)
    if "AZURE_TENANT_ID" in form.required:
        made |= integration.azure(record)
    record.properties |= {name: made[name] for name in form.generated}


def _describe(context: Context, record: Record) -> Result:
    form = _form(record)
    head = [("ENABLED", "Boolean", "false")]
    if record.properties["TYPE"] == "QUEUE":
        head.append(("DIRECTION", "String", "INBOUND"))
    # Snowflake names the provider of outgoing queues only
    if record.properties["DIRECTION"] == "OUTBOUND" and form.generated:
        head.append(("NOTIFICATION_PROVIDER", "String", ""))
    own = [_row(name) for name in (*form.required, *form.optional, *form.generated)]
    return integration.rows(record, [*head, *own, ("COMMENT", "String", "")])


def _row(name: str) -> tuple[str, str, str]:
    if name.endswith("_RECIPIENTS"):
        return name, "List", "[]"
    return (name, "Boolean", "false") if name.startswith("USE_") else (name, "String", "")


def _read_headers(reader: Reader, item: Property) -> dict[str, str]:
    """`('Name' = 'value', …)`."""
    headers: dict[str, str] = {}
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        name = reader.string()
        reader.expect_symbol("=")
        headers[name] = reader.string()
        reader.accept_symbol(",")
    return headers


def _created(context: Context, record: Record) -> None:
    integration.require(record, ("ENABLED",))
    if record.properties.get("DIRECTION") is None:
        queue = record.properties["TYPE"] == "QUEUE"
        record.properties["DIRECTION"] = "INBOUND" if queue else "OUTBOUND"
    _generate(context, record)


def _altered(context: Context, record: Record) -> None:
    integration.switch_off_where_unset(record)
    _generate(context, record)


def _texts(name: str, default: Any = None) -> Property:
    return value.of(name, value.read_texts, default)


KIND: Final = Kind(
    name="NOTIFICATION INTEGRATION",
    plural="NOTIFICATION INTEGRATIONS",
    scope=Scope.ACCOUNT,
    namespace=integration.NAMESPACE,
    create_privilege="CREATE NOTIFICATION INTEGRATION",
    properties=(
        value.boolean("ENABLED"),
        value.word("TYPE", "QUEUE", "EMAIL", "WEBHOOK"),
        value.word("DIRECTION", "INBOUND", "OUTBOUND"),
        value.word(
            "NOTIFICATION_PROVIDER",
            *("AWS_SNS", "GCP_PUBSUB", "AZURE_STORAGE_QUEUE", "AZURE_EVENT_GRID"),
        ),
        value.text("AWS_SNS_TOPIC_ARN"),
        value.text("AWS_SNS_ROLE_ARN"),
        value.text("GCP_PUBSUB_SUBSCRIPTION_NAME"),
        value.text("GCP_PUBSUB_TOPIC_NAME"),
        value.text("AZURE_STORAGE_QUEUE_PRIMARY_URI"),
        value.text("AZURE_EVENT_GRID_TOPIC_ENDPOINT"),
        value.text("AZURE_TENANT_ID"),
        value.boolean("USE_PRIVATELINK_ENDPOINT"),
        _texts("ALLOWED_RECIPIENTS"),
        _texts("DEFAULT_RECIPIENTS"),
        value.text("DEFAULT_SUBJECT"),
        value.text("WEBHOOK_URL"),
        value.reference("WEBHOOK_SECRET"),
        value.text("WEBHOOK_BODY_TEMPLATE"),
        value.of("WEBHOOK_HEADERS", _read_headers),
        value.COMMENT,
    ),
    privileges=integration.PRIVILEGES,
    show=integration.SHOW,
    describe=_describe,
    validate=_validate,
    created=_created,
    altered=_altered,
)
