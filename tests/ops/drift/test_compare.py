"""Code against account: a clean pair has no finding, and each thing that is broken has one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ops.drift import account
from ops.drift.code import Code, workspaces
from ops.drift.compare import compare
from ops.drift.finding import Form
from tests.ops.drift.conftest import DEPLOYED, Account, Look, resource

UNKNOWN, MISSING, DIFFERENT = Form.UNKNOWN, Form.MISSING, Form.DIFFERENT


def _by_hand_role(one: Account) -> None:
    one.shown["ROLES"].append(one.row("BY_HAND", "USERADMIN"))


def _more_privileges(one: Account) -> None:
    one.held["READER"].append(one.grant("DELETE", "TABLE", "D.S.T"))


def _role_to_user(one: Account) -> None:
    one.members["BUILDER"] = [one.member("USER", "ANN")]


def _role_to_role(one: Account) -> None:
    one.held["READER"].append(one.grant("USAGE", "ROLE", "BUILDER"))


def _account_privilege(one: Account) -> None:
    one.held["READER"].append(one.grant("MANAGE GRANTS", "ACCOUNT", "A"))


def _admin_by_hand(one: Account) -> None:
    one.held["SYSADMIN"] = [one.grant("MANAGE GRANTS", "ACCOUNT", "A")]


def _future(one: Account) -> None:
    row = {"privilege": "INSERT", "grant_on": "TABLE", "name": "D.S.<TABLE>"}
    one.future["READER"].append(row)


def _database(one: Account) -> None:
    one.shown["DATABASES"].append(one.row("OTHER"))
    one.shown["SCHEMAS"].append(one.row("X", database_name="OTHER"))
    one.shown["TABLES"].append(one.row("Y", database_name="OTHER", schema_name="X"))


def _table_of_an_administrator(one: Account) -> None:
    one.shown["TABLES"].append(one.table("SCRATCH", "ACCOUNTADMIN"))
    one.held["READER"].append(one.grant("SELECT", "TABLE", "D.S.SCRATCH"))


def _sequence(one: Account) -> None:
    one.held["SYSADMIN"] = [one.grant("OWNERSHIP", "SEQUENCE", "D.S.N")]


def _suspend(one: Account) -> None:
    one.shown["WAREHOUSES"][0]["auto_suspend"] = 600


def _owner(one: Account) -> None:
    one.shown["WAREHOUSES"][0]["owner"] = "ACCOUNTADMIN"


def _no_warehouse(one: Account) -> None:
    one.shown["WAREHOUSES"] = []


def _no_select(one: Account) -> None:
    one.held["READER"].pop()


def _no_future(one: Account) -> None:
    one.future["READER"] = []


def _no_member(one: Account) -> None:
    one.members["READER"] = []


BROKEN: tuple[tuple[Callable[[Account], None], Form, str], ...] = (
    (_by_hand_role, UNKNOWN, "role BY_HAND"),
    (_more_privileges, UNKNOWN, "DELETE on table D.S.T to role READER"),
    (_role_to_user, UNKNOWN, "role BUILDER to user ANN"),
    (_role_to_role, UNKNOWN, "role BUILDER to role READER"),
    (_account_privilege, UNKNOWN, "MANAGE GRANTS on account to role READER"),
    (_admin_by_hand, UNKNOWN, "MANAGE GRANTS on account to role SYSADMIN"),
    (_future, UNKNOWN, "INSERT on future table objects in D.S to role READER"),
    (_database, UNKNOWN, "database OTHER"),
    (_table_of_an_administrator, UNKNOWN, "table D.S.SCRATCH"),
    (_sequence, UNKNOWN, "sequence D.S.N"),
    (_suspend, DIFFERENT, "auto_suspend of warehouse W"),
    (_owner, DIFFERENT, "owner of warehouse W"),
    (_no_warehouse, MISSING, "warehouse W"),
    (_no_select, MISSING, "SELECT on table D.S.T to role READER"),
    (_no_future, MISSING, "SELECT on future table objects in D.S to role READER"),
    (_no_member, MISSING, "role READER to user ANN"),
)


def test_an_account_that_is_what_code_says_has_no_drift(look: Look) -> None:
    assert look() == []


@pytest.mark.parametrize(
    ("breaks", "form", "what"), BROKEN, ids=[breaks.__name__[1:] for breaks, _, _ in BROKEN]
)
def test_what_is_broken_is_the_only_finding(
    look: Look,
    standing: Account,
    breaks: Callable[[Account], None],
    form: Form,
    what: str,
) -> None:
    breaks(standing)
    assert [(finding.form, finding.what) for finding in look()] == [(form, what)]


def test_a_group_of_code_is_known_by_its_owner(look: Look, standing: Account) -> None:
    group = resource("FailoverGroup", "g", "ACCOUNTADMIN", name="G")
    owned = standing.grant("OWNERSHIP", "FAILOVER_GROUP", "G")
    standing.held["ACCOUNTADMIN"].append(owned)
    assert look((*DEPLOYED, group)) == []
    assert [(f.form, f.what) for f in look()] == [(UNKNOWN, "failover group G")]
    standing.held["ACCOUNTADMIN"].remove(owned)
    assert [(f.form, f.what) for f in look((*DEPLOYED, group))] == [(MISSING, "failover group G")]


def test_what_lies_in_an_unknown_database_is_counted_and_not_told_one_by_one(
    look: Look, standing: Account
) -> None:
    _database(standing)
    assert [finding.contents for finding in look()] == [2]


def test_a_table_of_a_role_that_code_lets_create_there_is_no_drift(
    look: Look, standing: Account
) -> None:
    standing.shown["TABLES"].append(standing.table("MODEL", "BUILDER"))
    standing.held["READER"].append(standing.grant("SELECT", "TABLE", "D.S.MODEL"))
    assert look() == []


def test_a_table_that_lacks_what_all_tables_there_have_is_drift(
    look: Look, standing: Account
) -> None:
    standing.shown["TABLES"].append(standing.table("MODEL", "BUILDER"))
    assert [finding.what for finding in look()] == ["SELECT on table D.S.MODEL to role READER"]


def test_a_role_that_may_not_be_read_lacks_nothing(look: Look, standing: Account) -> None:
    standing.held["READER"] = []
    standing.refused |= {'GRANTS TO ROLE "READER"', "ACCOUNT_USAGE"}
    assert look() == []


def test_warehouses_that_may_not_be_seen_are_not_missing(look: Look, standing: Account) -> None:
    standing.shown["WAREHOUSES"] = []
    standing.refused.add("SHOW WAREHOUSES")
    assert look() == []


def test_a_kind_with_more_rows_than_one_show_returns_is_asked_by_schema(
    standing: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "MOST_ROWS", 1)
    live = account.read(standing.ask)
    assert 'SHOW TABLES IN SCHEMA "D"."S"' in standing.statements
    assert any("only the first" in one.why for one in live.unread)


def test_statements_do_not_grow_with_grants(standing: Account) -> None:
    before = account.read(standing.ask).statements
    more = [standing.grant("SELECT", "TABLE", f"D.S.T{number}") for number in range(500)]
    standing.held["READER"] += more
    assert account.read(standing.ask).statements == before


@pytest.mark.parametrize("owner", ["DEPLOYER", "ACCOUNTADMIN"])
def test_a_workspace_is_known_by_its_register_where_code_made_its_deployer(
    standing: Account, owner: str
) -> None:
    from infra.model.naming import Naming

    register = '{"workspace": {"stack": "dev-ann"}}'
    standing.shown["ROLES"] += [
        standing.row("DEPLOYER", "USERADMIN"),
        standing.row("D__DEV_ANN__OWN", "DEPLOYER"),
    ]
    standing.shown["SCHEMAS"].append(
        standing.row("DEV_ANN", owner, database_name="D", comment=register)
    )
    standing.shown["WAREHOUSES"].append(standing.row("DEV_ANN_WH", "ACCOUNTADMIN"))
    code = Code({"local": (*DEPLOYED, resource("AccountRole", "x", "USERADMIN", name="DEPLOYER"))})
    live = account.read(standing.ask)
    schemas = [
        (found.securable.path, found.owner, str(found.row.get("comment")))
        for found in live.objects.values()
        if found.securable.kind == "SCHEMA"
    ]
    known = workspaces(schemas, code, {"D": Naming()})
    findings = {finding.what for finding in compare(code, live, known)}
    strange = {"role D__DEV_ANN__OWN", "schema D.DEV_ANN", "warehouse DEV_ANN_WH"}
    assert findings == (set() if owner == "DEPLOYER" else strange)
