"""The real engine on shares, imported databases, a protected table and network policies."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "sharing_program.py"
SHOWN = (
    *("DATABASES LIKE '%EN%'", "SHARES LIKE 'GIFT'", "ROLES LIKE 'CENSUS%'"),
    *("NETWORK POLICIES", "USERS LIKE 'ROBOT'"),
)


@pytest.fixture(scope="module", autouse=True)
def _keys() -> Any:
    """Two public keys, for the program."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SANDBOX_KEY", "SANDBOX_KEY_2"):
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            der = key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            patch.setenv(name, base64.b64encode(der).decode())
        yield


def test_they_are_made_and_the_plan_is_quiet(chain: Any) -> None:
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.plan("--refresh", step=1) == {}
    assert chain.standing() == {"CENSUS", "GIVEN", "GIFT", "CENSUS_READER", "DOOR", "ROBOT"}
    (share,) = chain.sql("SHOW SHARES LIKE 'GIFT'")
    assert (share["database_name"], share["to"]) == ("GIVEN", "LEAP.MARKETPLACE")
    assert chain.sql("SELECT * FROM CENSUS.PUBLIC.CBG_SUMMARY_2020") == [{"rows": 240}]
    columns = chain.sql("DESCRIBE TABLE GIVEN.MARTS.PEOPLE")
    assert [row["policy name"] for row in columns] == ["GIVEN.MARTS.MASK", None]


def test_a_change_is_made_and_the_plan_is_quiet(chain: Any) -> None:
    planned = chain.plan()
    assert {"census", "gift", "office", "robot"} <= planned["update"]
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    (share,) = chain.sql("SHOW SHARES LIKE 'GIFT'")
    assert share["to"] == "LEAP.MARKETPLACE,PARTNERS.ONE"
    assert chain.sql("SELECT * FROM CENSUS.PUBLIC.DATA_VERSION") == [{"rows": 1}]


def test_what_was_undone_by_hand_is_found_and_mended(chain: Any) -> None:
    chain.sql("REVOKE SELECT ON TABLE GIVEN.MARTS.PEOPLE FROM SHARE GIFT")
    chain.sql("DROP DATABASE CENSUS")
    chain.sql("ALTER SHARE GIFT REMOVE ACCOUNTS = PARTNERS.ONE")
    planned = chain.plan("--refresh")
    assert "census" in planned["create"]
    assert {"gift", "table-gift"} <= planned["update"] | planned.get("replace", set())
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert chain.plan("--refresh") == {}


def test_no_statement_of_the_provider_failed_but_on_what_was_gone(chain: Any) -> None:
    failed = [query for query in chain.account.history.latest() if query.status == "FAIL"]
    wrong = [query for query in failed if not query.text.startswith('SHOW GRANTS ON DATABASE "CE')]
    assert [(query.text, query.error) for query in wrong] == []


def test_destroy_leaves_nothing(chain: Any) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    assert chain.standing() == set()
