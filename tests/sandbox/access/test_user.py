"""Users of the three types: made, changed, renamed, shown, described, dropped."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from sandbox.snowflake.errors import (
    DoesNotExistError,
    LoginError,
    SnowflakeError,
    UnsupportedError,
)
from sandbox.snowflake.kinds.user import KIND


def user(sql: Any, name: str = "ANN") -> dict[str, Any]:
    """The row of SHOW USERS."""
    (row,) = sql(f"SHOW USERS LIKE '{name}'")
    return dict(row)


def described(sql: Any, name: str = "ANN") -> dict[str, str]:
    """DESCRIBE USER as a dictionary."""
    rows = sql(f"DESCRIBE USER {name}")
    return {row["property"]: row["value"] for row in rows}


@pytest.fixture(scope="module")
def key() -> str:
    """A public key as one line."""
    public = generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def test_a_bare_user_has_snowflakes_defaults(sql: Any) -> None:
    sql("CREATE USER ANN")
    row = user(sql)
    assert isinstance(row.pop("created_on"), datetime)
    assert row == {
        "name": "ANN",
        "login_name": "ANN",
        "display_name": "ANN",
        "first_name": "",
        "last_name": "",
        "email": "",
        "mins_to_unlock": None,
        "days_to_expiry": None,
        "comment": "",
        "disabled": "false",
        "must_change_password": "false",
        "snowflake_lock": "false",
        "default_warehouse": "",
        "default_namespace": "",
        "default_role": "",
        "default_secondary_roles": '["ALL"]',
        "ext_authn_duo": "false",
        "ext_authn_uid": "",
        "mins_to_bypass_mfa": None,
        "owner": "ACCOUNTADMIN",
        "last_success_login": None,
        "expires_at_time": None,
        "locked_until_time": None,
        "has_password": "false",
        "has_rsa_public_key": "false",
        "type": None,
        "has_mfa": "false",
    }


def test_every_property_is_read_back(sql: Any, key: str) -> None:
    sql(
        "CREATE USER ANN PASSWORD = 'secret' LOGIN_NAME = 'ann@x' DISPLAY_NAME = 'Ann'"
        " FIRST_NAME = 'A' MIDDLE_NAME = 'B' LAST_NAME = 'C' EMAIL = 'a@b.c'"
        " MUST_CHANGE_PASSWORD = true DISABLED = false DAYS_TO_EXPIRY = 5 MINS_TO_UNLOCK = 15"
        ' DEFAULT_WAREHOUSE = "W h" DEFAULT_NAMESPACE = "D"."s" DEFAULT_ROLE = "r"'
        " DEFAULT_SECONDARY_ROLES = () MINS_TO_BYPASS_MFA = 30 TYPE = PERSON COMMENT = 'it''s'"
        f" RSA_PUBLIC_KEY = '{key}' RSA_PUBLIC_KEY_2 = '{key}'"
    )
    row, facts = user(sql), described(sql)
    assert row["login_name"] == facts["LOGIN_NAME"] == "ANN@X"
    assert (row["default_warehouse"], row["default_namespace"], row["default_role"]) == (
        "W h",
        "D.s",
        "r",
    )
    assert (row["mins_to_unlock"], row["mins_to_bypass_mfa"]) == ("14", "29")
    assert 4.9 < float(row["days_to_expiry"]) < 5
    assert row["default_secondary_roles"] == "[]"
    assert row["has_password"] == row["has_rsa_public_key"] == "true"
    assert (facts["MIDDLE_NAME"], facts["COMMENT"], facts["TYPE"]) == ("B", "it's", "PERSON")
    assert facts["RSA_PUBLIC_KEY"] == key
    assert facts["RSA_PUBLIC_KEY_FP"].startswith("SHA256:")
    assert facts["RSA_PUBLIC_KEY_2_FP"] == facts["RSA_PUBLIC_KEY_FP"]


def test_describe_says_null_in_text_and_tells_34_properties(sql: Any) -> None:
    sql("CREATE USER ANN")
    rows = sql("DESCRIBE USER ANN")
    assert len(rows) == 34
    assert list(rows[0]) == ["property", "value", "default", "description"]
    assert all(isinstance(cell, str) for row in rows for cell in row.values())
    assert described(sql)["EMAIL"] == "null"


def test_a_password_is_nowhere_but_opens_the_door(sql: Any, client: Any) -> None:
    sql("CREATE USER ANN PASSWORD = 'open sesame'", "ALTER USER ANN SET PASSWORD = $$sim sala$$")
    client(sql.account, "ANN", "sim sala")
    with pytest.raises(LoginError):
        client(sql.account, "ANN", "open sesame")
    seen = [str(sql("SHOW USERS")), str(sql("DESCRIBE USER ANN"))]
    seen += [query.text for query in sql.account.history.latest()]
    seen += [str(sql.account.store.find("USER", ("ANN",)))]
    assert not any("sesame" in text or "sim sala" in text for text in seen)
    assert described(sql)["PASSWORD"] == "********"


def test_unset_properties_fall_back(sql: Any, client: Any) -> None:
    sql("CREATE USER ANN PASSWORD = 'p' LOGIN_NAME = 'other' DAYS_TO_EXPIRY = 1 EMAIL = 'a@b.c'")
    sql("ALTER USER ANN UNSET PASSWORD, LOGIN_NAME, DISPLAY_NAME, DAYS_TO_EXPIRY, EMAIL")
    row = user(sql)
    assert (row["login_name"], row["display_name"], row["email"]) == ("ANN", "", "")
    assert row["days_to_expiry"] is None
    assert row["has_password"] == "false"
    with pytest.raises(LoginError):
        client(sql.account, "ANN", "p")


def test_a_renamed_user_keeps_login_and_roles(sql: Any) -> None:
    sql("CREATE USER ANN", "CREATE ROLE R", "GRANT ROLE R TO USER ANN")
    sql("ALTER USER ANN RENAME TO EVE")
    assert user(sql, "EVE")["login_name"] == "ANN"
    assert sql.column("role", "SHOW GRANTS TO USER EVE") == ["R"]
    assert sql("SHOW USERS LIKE 'ANN'") == []


@pytest.mark.parametrize(
    ("type_", "property_"),
    [
        ("SERVICE", "PASSWORD = 'p'"),
        ("SERVICE", "FIRST_NAME = 'A'"),
        ("SERVICE", "MUST_CHANGE_PASSWORD = true"),
        ("SERVICE", "MINS_TO_BYPASS_MFA = 3"),
        ("LEGACY_SERVICE", "LAST_NAME = 'A'"),
        ("LEGACY_SERVICE", "MINS_TO_BYPASS_MFA = 3"),
    ],
)
def test_a_service_has_nothing_personal(sql: Any, type_: str, property_: str) -> None:
    name = property_.split()[0]
    text = f"Cannot set {name} on users with TYPE={type_}\\."
    with pytest.raises(SnowflakeError, match=text):
        sql(f"CREATE USER S TYPE = {type_} {property_}")
    sql(f"CREATE USER S TYPE = {type_}")
    with pytest.raises(SnowflakeError, match=text):
        sql(f"ALTER USER S SET {property_}")


def test_a_legacy_service_may_have_a_password(sql: Any, client: Any) -> None:
    sql("CREATE USER S TYPE = LEGACY_SERVICE PASSWORD = 'p' MUST_CHANGE_PASSWORD = true")
    client(sql.account, "S", "p")


def test_the_type_can_be_set_and_unset(sql: Any) -> None:
    sql("CREATE USER ANN", "ALTER USER ANN SET TYPE = SERVICE")
    assert user(sql)["type"] == "SERVICE"
    sql("ALTER USER ANN UNSET TYPE")
    assert user(sql)["type"] is None


@pytest.mark.parametrize(
    "clause",
    [
        "RSA_PUBLIC_KEY = 'nonsense'",
        "TYPE = ROBOT",
        "RSA_PUBLIC_KEY_FP = 'x'",
        "DISABLED = 'maybe'",
    ],
)
def test_a_bad_value_is_refused(sql: Any, clause: str) -> None:
    with pytest.raises(SnowflakeError):
        sql(f"CREATE USER ANN {clause}")
    assert sql("SHOW USERS LIKE 'ANN'") == []


def test_a_login_name_belongs_to_one_user(sql: Any) -> None:
    sql("CREATE USER ANN LOGIN_NAME = 'shared'")
    with pytest.raises(SnowflakeError, match="is taken by user 'ANN'"):
        sql("CREATE USER EVE LOGIN_NAME = 'SHARED'")


def test_disabled_and_expired_users_cannot_log_in(sql: Any, client: Any) -> None:
    sql("CREATE USER ANN PASSWORD = 'p' DISABLED = true")
    sql("CREATE USER EVE PASSWORD = 'p' DAYS_TO_EXPIRY = 0")
    for name, text in (("ANN", "disabled"), ("EVE", "expired")):
        with pytest.raises(LoginError, match=text):
            client(sql.account, name, "p")


def test_a_user_has_58_parameters_each_with_its_level(sql: Any) -> None:
    assert len(KIND.parameters) == 58
    sql("ALTER ACCOUNT SET LOCK_TIMEOUT = 7", "CREATE USER ANN JSON_INDENT = 4")
    rows = {row["key"]: row for row in sql("SHOW PARAMETERS IN USER ANN")}
    assert list(rows) == sorted(KIND.parameters)
    levels = {name: (rows[name]["value"], rows[name]["level"]) for name in rows}
    assert levels["JSON_INDENT"] == ("4", "USER")
    assert levels["LOCK_TIMEOUT"] == ("7", "ACCOUNT")
    assert levels["WEEK_START"] == ("0", "")
    sql("ALTER USER ANN UNSET JSON_INDENT")
    assert sql("SHOW PARAMETERS LIKE 'JSON_INDENT' FOR USER ANN")[0]["level"] == ""


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER USER ANN RESET PASSWORD",
        "ALTER USER ANN ADD DELEGATED AUTHORIZATION OF ROLE R TO SECURITY INTEGRATION I",
    ],
)
def test_what_is_not_supported_says_so(sql: Any, statement: str) -> None:
    sql("CREATE USER ANN")
    with pytest.raises(UnsupportedError):
        sql(statement)


def test_a_dropped_user_is_logged_out(sql: Any, client: Any) -> None:
    sql("CREATE USER ANN PASSWORD = 'p'")
    ann = client(sql.account, "ANN", "p")
    sql("DROP USER ANN")
    assert ann.session not in sql.account.sessions.all()
    sql("DROP USER IF EXISTS ANN")
    for statement in ("DROP USER ANN", "DESCRIBE USER ANN", "ALTER USER ANN UNSET COMMENT"):
        with pytest.raises(DoesNotExistError):
            sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE USER ANN COMMENT = 'new'",
        "CREATE USER IF NOT EXISTS ANN COMMENT = 'ignored'",
        "ALTER USER IF EXISTS ANN SET COMMENT = 'new', EMAIL = 'a@b.c'",
        'ALTER USER ANN SET TAG "D"."S"."T" = \'v\'',
        'ALTER USER ANN UNSET TAG "D"."S"."T"',
        "ALTER USER ANN ABORT ALL QUERIES",
        "ALTER USER ANN SET DISABLE_MFA = true",
        "SHOW USERS",
        "SHOW TERSE USERS",
        "SHOW USERS STARTS WITH 'A' LIMIT 1",
        "SHOW USERS LIKE 'a%' LIMIT 3 FROM 'A'",
        "SHOW USERS LIKE 'a%' FROM 'A'",
        "DESC USER ANN",
        "COMMENT ON USER ANN IS 'x'",
    ],
)
def test_every_form_of_statement_is_read(sql: Any, statement: str) -> None:
    sql("CREATE USER ANN", "CREATE DATABASE D", "CREATE SCHEMA D.S", "CREATE TAG D.S.T")
    assert sql(statement)
