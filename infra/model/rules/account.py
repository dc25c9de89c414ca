"""The account's own parameters: what no statement inside it should be able to do.

https://docs.snowflake.com/en/sql-reference/parameters#account-parameters
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from infra.model.rules.item import UNKNOWN, Item, Kind, is_set
from infra.model.rules.rule import Each, Ground, Rule, Severity, Topic

KEY_BITS: Final = 256
FLOOR_DAYS: Final = 7
ONLY_THE_OWNER: Final[dict[str, Severity | None]] = {"dev": None, "personal": None, "ci": None}
"""An account's parameters are one environment's; the others in it are not asked."""


def _parameter(*names: str, fault: Callable[[str], str]) -> Each:
    """A check of some parameters; ``fault`` says what is wrong with a value, or nothing."""

    def check(item: Item, _ground: Ground) -> Iterator[str]:
        value = item.get("value", "")
        if item.name.upper() in names and value is not UNKNOWN and (said := fault(str(value))):
            yield said

    return check


def _is_off(value: str) -> str:
    return "" if is_set(value) else "it is off."


def _is_short(value: str) -> str:
    found = value or "Snowflake's own"
    return "" if value == str(KEY_BITS) else f"it is {found}; {KEY_BITS} bits are asked for."


def _is_low(value: str) -> str:
    days = int(value) if value.isdecimal() else 0
    return "" if days >= FLOOR_DAYS else f"it is {days}; the least is {FLOOR_DAYS} days."


def _rule(**given: Any) -> Rule:
    return Rule(kinds=(Kind.ACCOUNT_PARAMETER,), elsewhere=ONLY_THE_OWNER, **given)


_PARAMETERS: Final = "https://docs.snowflake.com/en/sql-reference/parameters"
RULES: Final = (
    _rule(
        id="stages-need-an-integration",
        title="The account refuses stages and loads without a storage integration",
        why="A stage with its own credentials takes data to any bucket that a stolen login names.",
        remedy="Set require_storage_integration_for_stage_creation and …_operation under "
        "account_parameters.",
        source=f"{_PARAMETERS}#require-storage-integration-for-stage-creation",
        topic=Topic.STORAGE,
        severity=Severity.MEDIUM,
        each=_parameter(
            "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION",
            "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION",
            fault=_is_off,
        ),
        cis="4.5, 4.6",
    ),
    _rule(
        id="data-leaves-by-stages",
        title="The account refuses to unload to an address in a statement",
        why="COPY INTO 's3://…' is how a table leaves with one line.",
        remedy="Set prevent_unload_to_inline_url under account_parameters.",
        source=f"{_PARAMETERS}#prevent-unload-to-inline-url",
        topic=Topic.STORAGE,
        severity=Severity.MEDIUM,
        each=_parameter("PREVENT_UNLOAD_TO_INLINE_URL", fault=_is_off),
        cis="4.8",
    ),
    _rule(
        id="staged-files-have-a-long-key",
        title="Clients encrypt what they put on stages with 256 bits",
        why="The default is 128 bits.",
        remedy="Set client_encryption_key_size to 256 under account_parameters.",
        source=f"{_PARAMETERS}#client-encryption-key-size",
        topic=Topic.STORAGE,
        severity=Severity.LOW,
        each=_parameter("CLIENT_ENCRYPTION_KEY_SIZE", fault=_is_short),
        cis="4.2",
    ),
    _rule(
        id="time-travel-has-a-floor",
        title="No owner of an object can switch its time travel off",
        why="Whoever wants to hide a deletion sets the retention to 0 first.",
        remedy="Set min_data_retention_time_in_days under account_parameters.",
        source=f"{_PARAMETERS}#min-data-retention-time-in-days",
        topic=Topic.CONTINUITY,
        severity=Severity.LOW,
        each=_parameter("MIN_DATA_RETENTION_TIME_IN_DAYS", fault=_is_low),
        cis="4.4",
    ),
)
