"""Client connections: names that lead to the account where they are primary."""

from __future__ import annotations

import pytest

from sandbox.snowflake.replication.errors import (
    HasSecondariesError,
    PrimaryGoneError,
    ReplicationError,
)
from tests.sandbox.replication.conftest import Client, Pair


def test_a_connection_leads_where_it_is_primary(home: Client, other: Client, pair: Pair) -> None:
    home("CREATE CONNECTION BI", "ALTER CONNECTION BI ENABLE FAILOVER TO ACCOUNTS LEAP.SANDBOX_DR")
    other('CREATE CONNECTION BI AS REPLICA OF "LEAP"."SANDBOX"."BI"')
    of_login = pair.organization.of_login
    assert of_login("LEAP-BI") is of_login("leap-bi") is pair.home
    other("ALTER CONNECTION BI PRIMARY")
    assert of_login("LEAP-BI") is pair.other
    rows = {row["account_name"]: row for row in home("SHOW CONNECTIONS LIKE 'BI'")}
    assert rows["SANDBOX"]["is_primary"] == "false"
    assert rows["SANDBOX_DR"]["failover_allowed_to_accounts"] == "LEAP.SANDBOX"
    assert rows["SANDBOX"]["connection_url"] == "leap-bi.snowflakecomputing.com"
    home("ALTER CONNECTION BI PRIMARY")
    assert of_login("LEAP-BI") is pair.home


def test_accounts_are_found_by_name_and_locator(pair: Pair) -> None:
    for name in ("LEAP-SANDBOX_DR", "leap-sandbox_dr", "SANDBOX_DR", "sandbox2"):
        assert pair.organization.of_login(name) is pair.other
    for name in ("LEAP-SANDBOX", "sandbox", ""):
        assert pair.organization.of_login(name) is pair.home


@pytest.mark.parametrize("name", ["LEAP-SANDBOX_DX", "OTHER-SANDBOX", "LEAP-BI"])
def test_an_unknown_account_is_none(pair: Pair, name: str) -> None:
    assert pair.organization.of_login(name) is None


def test_a_secondary_needs_a_primary_that_allows_it(home: Client, other: Client) -> None:
    home("CREATE CONNECTION BI")
    with pytest.raises(PrimaryGoneError):
        other('CREATE CONNECTION BI AS REPLICA OF "LEAP"."SANDBOX"."BI"')
    with pytest.raises(ReplicationError, match="taken"):
        other("CREATE CONNECTION BI")


def test_a_primary_is_not_dropped_while_others_follow(home: Client, other: Client) -> None:
    home("CREATE CONNECTION BI", "ALTER CONNECTION BI ENABLE FAILOVER TO ACCOUNTS LEAP.SANDBOX_DR")
    other('CREATE CONNECTION BI AS REPLICA OF "LEAP"."SANDBOX"."BI"')
    with pytest.raises(HasSecondariesError, match=r"LEAP\.SANDBOX_DR\.BI"):
        home("DROP CONNECTION BI")
    other("DROP CONNECTION BI")
    home("DROP CONNECTION IF EXISTS BI")
    assert home("SHOW CONNECTIONS") == []
