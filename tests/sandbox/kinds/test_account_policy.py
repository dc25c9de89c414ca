"""Password, session and authentication policies, on the account and on users."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import CompilationError, InvalidValueError
from sandbox.snowflake.governance.policies import AlreadyAttachedError, PolicyInUseError


@pytest.fixture
def home(lake: Any) -> Any:
    """A user, and a policy of each kind."""
    lake(
        "USE SCHEMA DB.RAW",
        "CREATE USER ANN",
        "CREATE PASSWORD POLICY P PASSWORD_MIN_LENGTH = 12",
        "CREATE SESSION POLICY S SESSION_IDLE_TIMEOUT_MINS = 60",
        "CREATE AUTHENTICATION POLICY A AUTHENTICATION_METHODS = ('KEYPAIR')",
    )
    return lake


def attached(client: Any, domain: str, name: str) -> list[Any]:
    return list(
        client.query(
            "SELECT POLICY_KIND, POLICY_NAME FROM TABLE(SNOWFLAKE.INFORMATION_SCHEMA."
            f"POLICY_REFERENCES(REF_ENTITY_NAME => '\"{name}\"', REF_ENTITY_DOMAIN => '{domain}'))"
        )
    )


def test_they_are_described(home: Any) -> None:
    password = {row["property"]: row["value"] for row in home("DESCRIBE PASSWORD POLICY P")}
    assert (password["PASSWORD_MIN_LENGTH"], password["PASSWORD_MAX_RETRIES"]) == ("12", "5")
    methods = {row["property"]: row["value"] for row in home("DESC AUTHENTICATION POLICY A")}
    assert (methods["AUTHENTICATION_METHODS"], methods["CLIENT_TYPES"]) == ("[KEYPAIR]", "[ALL]")
    home("ALTER SESSION POLICY S SET COMMENT = 'two'", "ALTER SESSION POLICY S RENAME TO S2")
    row = home.one("DESCRIBE SESSION POLICY S2")
    assert (row["session_idle_timeout_mins"], row["comment"]) == (60, "two")


@pytest.mark.parametrize(
    ("kind", "name"), [("PASSWORD", "P"), ("SESSION", "S"), ("AUTHENTICATION", "A")]
)
def test_they_are_set_and_stay_while_they_are(home: Any, kind: str, name: str) -> None:
    for target, domain in (("USER ANN", "USER"), ("ACCOUNT", "ACCOUNT")):
        home(f"ALTER {target} SET {kind} POLICY DB.RAW.{name}")
        assert attached(home, domain, "ANN") == [(f"{kind}_POLICY", name)]
        with pytest.raises(PolicyInUseError):
            home(f"DROP {kind} POLICY DB.RAW.{name}")
        home(f"ALTER {target} UNSET {kind} POLICY")
        assert attached(home, domain, "ANN") == []
    with pytest.raises(CompilationError, match="not attached to ACCOUNT"):
        home(f"ALTER ACCOUNT UNSET {kind} POLICY")
    home(f"DROP {kind} POLICY {name}")


def test_another_policy_of_the_kind_is_refused(home: Any) -> None:
    home("CREATE PASSWORD POLICY P2", "ALTER USER ANN SET PASSWORD POLICY P")
    with pytest.raises(AlreadyAttachedError):
        home("ALTER USER ANN SET PASSWORD POLICY P2")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("PASSWORD POLICY X PASSWORD_MIN_LENGTH = 3", InvalidValueError),
        ("PASSWORD POLICY X PASSWORD_MIN_LENGTH = 20 PASSWORD_MAX_LENGTH = 10", InvalidValueError),
        ("SESSION POLICY X SESSION_IDLE_TIMEOUT_MINS = 1", InvalidValueError),
        ("AUTHENTICATION POLICY X CLIENT_TYPES = ('FAX')", InvalidValueError),
        (
            "AUTHENTICATION POLICY X MFA_ENROLLMENT = REQUIRED CLIENT_TYPES = ('DRIVERS')",
            CompilationError,
        ),
    ],
)
def test_values_out_of_range_are_refused(home: Any, text: str, error: Any) -> None:
    with pytest.raises(error):
        home(f"CREATE {text}")
