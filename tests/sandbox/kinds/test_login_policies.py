"""Logins are held to network, authentication, password and session policies."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.snowflake.account import Account
from sandbox.snowflake.errors import CompilationError, LoginError, SessionExpiredError
from sandbox.snowflake.kinds.network_policy import RequestorExcludedError
from sandbox.snowflake.login_rules import (
    PASSCODE,
    AddressRefusedError,
    LockedError,
    MethodRefusedError,
    PasswordExpiredError,
    PasswordRefusedError,
    SecondFactorError,
)

PASSWORD = "Correct-Horse-1"
Login = Callable[..., Any]


@pytest.fixture
def home(lake: Any) -> Any:
    """ANN, who has a password, in the schema of the policies."""
    lake("USE SCHEMA DB.RAW", f"CREATE USER ANN TYPE = PERSON PASSWORD = '{PASSWORD}'")
    return lake


@pytest.fixture
def log_in(account: Account) -> Login:
    """ANN's login, by password unless the request says otherwise."""

    def login(address: str = "127.0.0.1", **request: Any) -> Any:
        data = {"LOGIN_NAME": "ANN", "PASSWORD": PASSWORD, **request}
        return account.log_in(data, {}, address)

    return login


def later(account: Account, monkeypatch: pytest.MonkeyPatch, **ahead: float) -> None:
    """The sandbox's clock, moved forward."""
    now = datetime.now(UTC) + timedelta(**ahead)
    monkeypatch.setattr(account, "now", lambda: now)


def key_pair() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key, base64.b64encode(der).decode()


def token(key: rsa.RSAPrivateKey, body: str, user: str) -> str:
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()
    account = f"LEAP-SANDBOX.{user}"
    claims = {"iss": f"{account}.SHA256:{digest}", "sub": account}
    return jwt.encode(claims, key, algorithm="RS256")


def test_a_network_policy_of_the_user_goes_before_the_accounts(home: Any, log_in: Login) -> None:
    home(
        "CREATE NETWORK RULE OFFICE TYPE = IPV4 MODE = INGRESS VALUE_LIST = ('10.1.0.0/16')",
        "CREATE NETWORK POLICY WIDE ALLOWED_IP_LIST = ('127.0.0.1', '192.168.0.0/16')",
        "CREATE NETWORK POLICY NARROW ALLOWED_NETWORK_RULE_LIST = (OFFICE) "
        "BLOCKED_IP_LIST = ('10.1.0.9')",
        "ALTER ACCOUNT SET NETWORK_POLICY = WIDE",
    )
    log_in("192.168.3.4")
    with pytest.raises(AddressRefusedError, match=r"IP/Token 10\.1\.2\.3 is not allowed"):
        log_in("10.1.2.3")
    home("ALTER USER ANN SET NETWORK_POLICY = 'NARROW'")
    log_in("10.1.2.3")
    for address in ("192.168.3.4", "127.0.0.1", "10.1.0.9"):
        with pytest.raises(AddressRefusedError):
            log_in(address)
    home("ALTER USER ANN UNSET NETWORK_POLICY", "ALTER ACCOUNT UNSET NETWORK_POLICY")
    log_in("10.1.0.9")


def test_nobody_shuts_himself_out(home: Any) -> None:
    home("CREATE NETWORK POLICY FAR ALLOWED_IP_LIST = ('10.0.0.0/8')")
    for target in ("ACCOUNT", "USER LEAP_ADMIN"):
        with pytest.raises(RequestorExcludedError, match=r"Requestor IP address, 127\.0\.0\.1"):
            home(f"ALTER {target} SET NETWORK_POLICY = 'FAR'")
    home("CREATE NETWORK RULE R TYPE = IPV4 VALUE_LIST = ('127.0.0.0/8')")
    home("CREATE NETWORK POLICY NEAR ALLOWED_NETWORK_RULE_LIST = (R)")
    home("ALTER ACCOUNT SET NETWORK_POLICY = NEAR")
    with pytest.raises(RequestorExcludedError):
        home("ALTER NETWORK RULE R SET VALUE_LIST = ('10.0.0.0/8')")
    with pytest.raises(RequestorExcludedError):
        home("ALTER NETWORK POLICY NEAR SET BLOCKED_IP_LIST = ('127.0.0.1')")
    assert home.one("DESCRIBE NETWORK RULE R")["value_list"] == "127.0.0.0/8"


def test_methods_and_clients_are_those_of_the_policy(home: Any, log_in: Login) -> None:
    home(
        "CREATE AUTHENTICATION POLICY KEYS AUTHENTICATION_METHODS = ('KEYPAIR')",
        "CREATE AUTHENTICATION POLICY UI CLIENT_TYPES = ('SNOWFLAKE_UI')",
        "ALTER ACCOUNT SET AUTHENTICATION POLICY KEYS",
    )
    with pytest.raises(MethodRefusedError, match="PASSWORD"):
        log_in()
    key, body = key_pair()
    home(f"ALTER USER ANN SET RSA_PUBLIC_KEY = '{body}'")
    log_in(AUTHENTICATOR="SNOWFLAKE_JWT", TOKEN=token(key, body, "ANN"))
    log_in(LOGIN_NAME="LEAP_ADMIN", PASSWORD="secret")
    home("ALTER USER ANN SET AUTHENTICATION POLICY UI")
    with pytest.raises(MethodRefusedError, match="client type"):
        log_in()


def test_a_password_alone_is_not_enough_where_mfa_is_required(home: Any, log_in: Login) -> None:
    home(
        "CREATE AUTHENTICATION POLICY A MFA_ENROLLMENT = REQUIRED",
        "ALTER USER ANN SET AUTHENTICATION POLICY A",
    )
    with pytest.raises(SecondFactorError, match="Multi-factor authentication is required"):
        log_in()
    log_in(AUTHENTICATOR="USERNAME_PASSWORD_MFA", PASSCODE=PASSCODE)


def test_a_weak_password_is_refused_when_it_is_set(home: Any) -> None:
    home(
        "CREATE PASSWORD POLICY P PASSWORD_MIN_LENGTH = 12 PASSWORD_MIN_SPECIAL_CHARS = 1",
        "ALTER ACCOUNT SET PASSWORD POLICY P",
    )
    for weak in (
        "Short-1",
        "nouppercase-123",
        "NOLOWERCASE-123",
        "NoDigitsAtAll-",
        "NoMark1234567",
    ):
        with pytest.raises(PasswordRefusedError, match="rejected by current password policy"):
            home(f"CREATE USER BOB PASSWORD = '{weak}'")
        with pytest.raises(PasswordRefusedError):
            home(f"ALTER USER ANN SET PASSWORD = '{weak}'")
    home("CREATE USER BOB PASSWORD = 'Long-enough-1'")


def test_wrong_passwords_lock_a_user_out_for_a_time(
    home: Any, log_in: Login, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(
        "CREATE PASSWORD POLICY P PASSWORD_MAX_RETRIES = 2 PASSWORD_LOCKOUT_TIME_MINS = 10",
        "ALTER USER ANN SET PASSWORD POLICY P",
    )
    for _ in range(2):
        with pytest.raises(LoginError, match="Incorrect username"):
            log_in(PASSWORD="no")
    with pytest.raises(LockedError):
        log_in()
    later(account, monkeypatch, minutes=11)
    log_in()


def test_an_old_password_expires(
    home: Any, log_in: Login, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(
        "CREATE PASSWORD POLICY P PASSWORD_MAX_AGE_DAYS = 30",
        "ALTER ACCOUNT SET PASSWORD POLICY P",
    )
    later(account, monkeypatch, days=31)
    with pytest.raises(PasswordExpiredError):
        log_in()
    log_in(LOGIN_NAME="LEAP_ADMIN", PASSWORD="secret")


def test_an_idle_session_ends(
    home: Any, log_in: Login, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    home(
        "CREATE SESSION POLICY S SESSION_IDLE_TIMEOUT_MINS = 10",
        "ALTER USER ANN SET SESSION POLICY S",
    )
    session = log_in()
    later(account, monkeypatch, minutes=8)
    account.session_of(session.token)
    later(account, monkeypatch, minutes=16)
    account.session_of(session.token)
    later(account, monkeypatch, minutes=40)
    with pytest.raises(SessionExpiredError):
        account.session_of(session.token)
    account.session_of(home.session.token)


def test_a_service_user_has_no_password_and_may_have_two_keys(home: Any, log_in: Login) -> None:
    with pytest.raises(CompilationError, match="Cannot set PASSWORD on users with TYPE=SERVICE"):
        home(f"CREATE USER ROBOT TYPE = SERVICE PASSWORD = '{PASSWORD}'")
    (old, old_body), (new, new_body) = key_pair(), key_pair()
    home(f"CREATE USER ROBOT TYPE = SERVICE RSA_PUBLIC_KEY = '{old_body}'")
    home(f"ALTER USER ROBOT SET RSA_PUBLIC_KEY_2 = '{new_body}'")
    robot = {"LOGIN_NAME": "ROBOT", "AUTHENTICATOR": "SNOWFLAKE_JWT"}
    log_in(**robot, TOKEN=token(old, old_body, "ROBOT"))
    log_in(**robot, TOKEN=token(new, new_body, "ROBOT"))
    home("ALTER USER ROBOT UNSET RSA_PUBLIC_KEY")
    with pytest.raises(LoginError, match="JWT token is invalid"):
        log_in(**robot, TOKEN=token(old, old_body, "ROBOT"))
    log_in(**robot, TOKEN=token(new, new_body, "ROBOT"))
