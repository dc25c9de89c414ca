"""Facts in, answers out: who can use what, and why not."""

from __future__ import annotations

import pytest

from ops.access.answer import Verdict, can, who
from ops.access.escalation import Means, path
from ops.access.facts import Facts, Unread, from_json
from ops.access.graph import PUBLIC, Graph
from ops.access.lookup import UnknownNameError, find_principal, find_securable
from ops.access.names import (
    THE_ACCOUNT,
    Principal,
    PrincipalKind,
    Securable,
    coming,
    parse,
    role,
    user,
)

DATABASE = Securable("DATABASE", ("D",))
SCHEMA = Securable("SCHEMA", ("D", "S"))
TABLE = Securable("TABLE", ("D", "S", "T"))
ANN, READER, ENGINEER, OWNER = user("ANN"), role("READER"), role("ENGINEER"), role("OWNER")


@pytest.fixture
def facts() -> Facts:
    """Ann is an engineer, who has the reader, who may read one table; somebody else owns it."""
    facts = Facts("a test")
    facts.principal(PUBLIC)
    facts.grant(OWNER, ("OWNERSHIP",), TABLE)
    facts.grant(OWNER, ("OWNERSHIP",), DATABASE)
    facts.grant(OWNER, ("OWNERSHIP",), SCHEMA)
    facts.grant(READER, ("USAGE",), DATABASE)
    facts.grant(READER, ("USAGE",), SCHEMA)
    facts.grant(READER, ("SELECT",), TABLE)
    facts.grant_role(READER, ENGINEER)
    facts.grant_role(ENGINEER, ANN)
    return facts


def verdict(facts: Facts, who_: Principal, privilege: str, on: Securable = TABLE) -> Verdict:
    """The answer alone."""
    return can(Graph(facts), who_, privilege, on).verdict


def test_a_person_reads_through_two_roles_and_the_chain_says_so(facts: Facts) -> None:
    answer = can(Graph(facts), ANN, "SELECT", TABLE)
    assert answer.verdict is Verdict.YES
    assert answer.chains[0].roles == (ANN, ENGINEER, READER)


def test_a_shorter_chain_wins(facts: Facts) -> None:
    facts.grant(ENGINEER, ("SELECT",), TABLE)
    assert can(Graph(facts), ANN, "SELECT", TABLE).chains[0].roles == (ANN, ENGINEER)


def test_a_reader_cannot_insert_and_the_privilege_is_what_is_missing(facts: Facts) -> None:
    answer = can(Graph(facts), ANN, "INSERT", TABLE)
    assert answer.verdict is Verdict.NO
    assert [(need.privilege, need.securable) for need in answer.missing] == [("INSERT", TABLE)]


@pytest.mark.parametrize("container", [DATABASE, SCHEMA])
def test_without_its_container_a_table_cannot_be_read(facts: Facts, container: Securable) -> None:
    facts.on(container).pop("USAGE")
    answer = can(Graph(facts), ANN, "SELECT", TABLE)
    assert answer.verdict is Verdict.NO
    assert [(need.privilege, need.securable) for need in answer.missing] == [("USAGE", container)]


def test_any_privilege_on_a_container_opens_it(facts: Facts) -> None:
    facts.on(SCHEMA).pop("USAGE")
    facts.grant(READER, ("MONITOR",), SCHEMA)
    assert verdict(facts, ANN, "SELECT") is Verdict.YES


def test_an_owner_may_do_everything_with_the_object(facts: Facts) -> None:
    assert verdict(facts, OWNER, "TRUNCATE") is Verdict.YES


def test_the_owner_of_a_schema_has_nothing_on_its_tables(facts: Facts) -> None:
    facts.grant(role("KEEPER"), ("OWNERSHIP",), SCHEMA)
    facts.grant(role("KEEPER"), ("OWNERSHIP",), DATABASE)
    assert verdict(facts, role("KEEPER"), "SELECT") is Verdict.NO


def test_everybody_has_what_public_has(facts: Facts) -> None:
    facts.grant(PUBLIC, ("UPDATE",), TABLE)
    assert verdict(facts, ANN, "UPDATE") is Verdict.YES


def test_a_role_does_not_get_what_is_above_it(facts: Facts) -> None:
    facts.grant(ENGINEER, ("DELETE",), TABLE)
    assert verdict(facts, READER, "DELETE") is Verdict.NO


def test_roles_in_a_circle_all_have_the_same(facts: Facts) -> None:
    facts.grant_role(ENGINEER, READER)
    facts.grant(ENGINEER, ("DELETE",), TABLE)
    assert verdict(facts, READER, "DELETE") is Verdict.YES


def test_creating_needs_one_role_with_all_of_it(facts: Facts) -> None:
    facts.grant(role("MAKER"), ("CREATE TABLE",), SCHEMA)
    facts.grant_role(role("MAKER"), ANN)
    answer = can(Graph(facts), ANN, "CREATE TABLE", SCHEMA)
    assert (answer.verdict, answer.missing) == (Verdict.NO, ())
    facts.grant(role("MAKER"), ("USAGE",), DATABASE)
    assert verdict(facts, ANN, "CREATE TABLE", SCHEMA) is Verdict.YES


def test_managing_warehouses_is_operating_each_but_not_using_it(facts: Facts) -> None:
    warehouse = Securable("WAREHOUSE", ("W",))
    facts.grant(OWNER, ("OWNERSHIP",), warehouse)
    facts.grant(READER, ("MANAGE WAREHOUSES",), THE_ACCOUNT)
    assert verdict(facts, ANN, "OPERATE", warehouse) is Verdict.YES
    assert verdict(facts, ANN, "USAGE", warehouse) is Verdict.NO


def test_a_database_role_opens_its_database(facts: Facts) -> None:
    inner = Principal(PrincipalKind.DATABASE_ROLE, "D.INNER")
    outsider = role("OUTSIDER")
    facts.grant(inner, ("SELECT",), TABLE)
    facts.grant(inner, ("USAGE",), SCHEMA)
    facts.grant_role(inner, outsider)
    assert verdict(facts, outsider, "SELECT") is Verdict.YES


def test_what_is_to_come_is_asked_for_by_its_kind(facts: Facts) -> None:
    facts.grant(READER, ("SELECT",), coming("TABLE", "D", "S"))
    to_come = find_securable(facts, "d.s.<table>", "SELECT")
    assert to_come.to_come
    assert verdict(facts, ANN, "SELECT", to_come) is Verdict.YES
    assert verdict(facts, ANN, "INSERT", to_come) is Verdict.NO


def test_who_lists_people_before_roles(facts: Facts) -> None:
    found = [answer.principal for answer in who(Graph(facts), "SELECT", TABLE)]
    assert found == [ANN, ENGINEER, OWNER, READER]


def test_what_could_not_be_read_is_never_a_no(facts: Facts) -> None:
    facts.unread.append(Unread("grants of READER", "refused", READER))
    assert verdict(facts, ANN, "INSERT") is Verdict.UNKNOWN
    assert verdict(facts, ANN, "SELECT") is Verdict.YES
    facts.principal(role("LONER"))
    assert verdict(facts, role("LONER"), "SELECT") is Verdict.NO


def test_the_way_up_is_through_what_one_owns_or_manages(facts: Facts) -> None:
    facts.grant(READER, ("OWNERSHIP",), Securable("ROLE", ("OWNER",)))
    steps = path(facts, ANN, OWNER)
    assert steps is not None
    assert [step.means for step in steps] == [Means.HAS, Means.HAS, Means.OWNS_ROLE]
    facts.grant(ENGINEER, ("MANAGE GRANTS",), THE_ACCOUNT)
    steps = path(facts, ANN, OWNER)
    assert steps is not None
    assert [step.means for step in steps] == [Means.HAS, Means.MANAGES]
    assert path(facts, OWNER, ANN) is None


@pytest.mark.parametrize(
    ("text", "near"), [("ENGINER", "ENGINEER"), ("reder", "READER"), ("user:AN", "ANN")]
)
def test_an_unknown_name_is_answered_with_the_nearest(facts: Facts, text: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=near):
        find_principal(facts, text)


def test_an_unknown_object_or_privilege_is_answered_with_the_nearest(facts: Facts) -> None:
    with pytest.raises(UnknownNameError, match=r"D\.S\.T"):
        find_securable(facts, "D.X.T", "SELECT")
    with pytest.raises(UnknownNameError, match="SELECT"):
        find_securable(facts, "D.S.T", "SELEKT")


def test_where_no_name_is_close_it_is_said_what_there_is(facts: Facts) -> None:
    with pytest.raises(UnknownNameError, match=r"none is close; there are: ANN, ENGINEER, OWNER"):
        find_principal(facts, "ZZZZ")
    for number in range(9):
        facts.principal(role(f"R{number}"))
    with pytest.raises(UnknownNameError, match=r" and \d+ more\)$"):
        find_principal(facts, "ZZZZ")


def test_two_of_one_name_are_told_apart_by_the_privilege_or_by_kind(facts: Facts) -> None:
    stage = Securable("STAGE", TABLE.path)
    facts.grant(OWNER, ("OWNERSHIP",), stage)
    assert find_securable(facts, "D.S.T", "READ") == stage
    with pytest.raises(UnknownNameError, match="stage:D"):
        find_securable(facts, "D.S.T", "OWNERSHIP")
    assert find_securable(facts, "stage:D.S.T", "OWNERSHIP") == stage


def test_names_are_read_as_snowflake_reads_them() -> None:
    assert parse('db."my ""schema"""."T.1"') == ("DB", 'my "schema"', "T.1")
    with pytest.raises(ValueError, match=r"got 'a\.\.b'"):
        parse("a..b")


def test_facts_survive_json(facts: Facts) -> None:
    again = from_json(facts.as_json(), "again")
    assert verdict(again, ANN, "SELECT") is Verdict.YES
    assert verdict(again, ANN, "INSERT") is Verdict.NO


def test_objects_in_a_place_are_those_that_came_by_now() -> None:
    facts = Facts("test")
    for place in (("DB", "A", "T"), ("DB", "B", "T")):
        facts.securable(Securable("TABLE", place))
    facts.securable(Securable("VIEW", ("DB", "A", "V")))
    assert [one.path for one in facts.within("TABLE", ("DB", "A"))] == [("DB", "A", "T")]
    facts.securable(Securable("TABLE", ("DB", "A", "U")))
    assert [one.path[-1] for one in facts.within("TABLE", ("DB", "A"))] == ["T", "U"]
    assert len(facts.within("TABLE", ("DB",))) == 3
    assert facts.within("TABLE", ("OTHER",)) == []
