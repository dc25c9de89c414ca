"""What a stack's own runs made, by the account's history; what others made is never ours."""

from __future__ import annotations

from typing import Any

import pytest
import snowflake.connector

from cli.deployment import attachments, removal, witness
from cli.deployment.objects import Named
from infra.model.naming import query_tag

OURS = query_tag("dev")


def told(*statements: tuple[str, str]) -> list[dict[str, Any]]:
    """Rows of the history, from old to new: who sent it, and what."""
    return [
        {"query_tag": tag, "query_text": text, "database_name": None, "schema_name": None}
        for tag, text in statements
    ]


def names(*statements: tuple[str, str]) -> list[str]:
    """What is held to be the stack's."""
    return [
        str(named) for named, ours in witness.last_makers("dev", told(*statements)).items() if ours
    ]


def test_what_the_stacks_plugin_made_is_its() -> None:
    assert names((OURS, 'CREATE ROLE "A"'), (OURS, 'CREATE ROLE "B"')) == ['ROLE "A"', 'ROLE "B"']


@pytest.mark.parametrize("tag", ["", "leap", query_tag("local"), query_tag("dev-anna"), "dev"])
def test_what_anybody_else_made_is_not(tag: str) -> None:
    assert names((tag, 'CREATE ROLE "A"')) == []


def test_what_somebody_made_anew_after_us_is_theirs() -> None:
    assert names((OURS, 'CREATE ROLE "A"'), ("", "CREATE ROLE A")) == []
    assert names(("", "CREATE ROLE A"), (OURS, 'CREATE ROLE "A"')) == ['ROLE "A"']


def test_what_a_procedure_makes_where_it_is_not_is_left_to_the_next_call() -> None:
    lenient = 'CREATE WAREHOUSE IF NOT EXISTS "A" WITH WAREHOUSE_SIZE = XSMALL'
    assert names((OURS, lenient)) == []
    assert names((OURS, 'CREATE WAREHOUSE "A"'), (OURS, lenient)) == ['WAREHOUSE "A"']
    assert names((OURS, 'CREATE WAREHOUSE "A"'), ("", lenient)) == []


def test_what_the_state_knows_is_no_matter() -> None:
    entry = {"type": "snowflake:index/accountRole:AccountRole", "inputs": {"name": "A"}}
    assert witness.known_to({"resources": [entry]}) == {Named("ROLE", ("A",))}


def test_what_the_last_good_state_has_is_not_taken_away() -> None:
    before = {
        "resources": [{"type": "snowflake:index/accountRole:AccountRole", "inputs": {"name": "A"}}]
    }
    made = [Named("ROLE", ("A",)), Named("ROLE", ("B",))]
    assert witness.unknown_to({}, before, made) == [Named("ROLE", ("B",))]
    assert witness.unknown_to({}, {}, made) == made


def test_each_account_has_entries_of_its_own() -> None:
    provider = "urn:pulumi:local::leap::leap:index:Providers$pulumi:providers:snowflake::dr-x::1"
    entry = {
        "type": "snowflake:index/database:Database",
        "inputs": {"name": "A"},
        "provider": provider,
    }
    made = [Named("DATABASE", ("A",))]
    assert witness.unknown_to({"resources": [entry]}, {}, made) == made
    assert witness.unknown_to({"resources": [entry]}, {}, made, second=True) == []


def test_a_procedure_of_other_arguments_is_another() -> None:
    before = {
        "resources": [
            {
                "type": "snowflake:index/procedureSql:ProcedureSql",
                "inputs": {
                    "database": "D",
                    "schema": "S",
                    "name": "P",
                    "arguments": [{"argName": "A", "argDataType": "NUMBER"}],
                },
            }
        ]
    }
    same, other = (Named("PROCEDURE", ("D", "S", "P"), types) for types in ("NUMBER", "VARCHAR"))
    assert witness.unknown_to({}, before, [same]) == []
    assert witness.unknown_to({}, before, [other]) == [other]


@pytest.mark.parametrize(
    ("kind", "domain", "column", "statement"),
    [
        ("MASKING_POLICY", "TAG", None, 'ALTER TAG "D"."S"."X" UNSET MASKING POLICY "D"."S"."P"'),
        (
            "MASKING_POLICY",
            "TABLE",
            "C",
            'ALTER TABLE "D"."S"."X" MODIFY COLUMN "C" UNSET MASKING POLICY',
        ),
        (
            "ROW_ACCESS_POLICY",
            "VIEW",
            None,
            'ALTER VIEW "D"."S"."X" DROP ROW ACCESS POLICY "D"."S"."P"',
        ),
    ],
)
def test_a_policy_is_taken_from_its_place(
    kind: str, domain: str, column: str | None, statement: str
) -> None:
    row = {
        "policy_db": "D",
        "policy_schema": "S",
        "policy_name": "P",
        "policy_kind": kind,
        "ref_database_name": "D",
        "ref_schema_name": "S",
        "ref_entity_name": "X",
        "ref_entity_domain": domain,
        "ref_column_name": column,
    }
    assert attachments.unset(row) == statement


def sent_to_an_account(made: list[Named], refused: str = "") -> list[str]:
    """The statements by which it is taken away, where the account refuses one of them."""
    sent: list[str] = []

    class Cursor:
        description = ()

        def __enter__(self) -> Cursor:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is open."""

        def execute(self, text: str, _parameters: object = None) -> None:
            if text == refused:
                raise snowflake.connector.errors.ProgrammingError("in use")
            sent.append(text)

        def fetchall(self) -> list[tuple[Any, ...]]:
            return []

    class Connection:
        def cursor(self) -> Cursor:
            return Cursor()

    connection: Any = Connection()
    removal.take_away(connection, made)
    return sent


MADE = [
    Named("TABLE", ("D", "S", "T")),
    Named("ROLE", ("R",)),
    Named("SCHEMA", ("D", "S")),
]


def test_the_latest_goes_first_and_what_a_container_holds_goes_with_it() -> None:
    assert sent_to_an_account(MADE) == [
        "SHOW DATABASES",
        "SHOW TABLES IN ACCOUNT",
        'DROP ROLE IF EXISTS "R"',
        'DROP SCHEMA IF EXISTS "D"."S"',
    ]


def test_what_cannot_go_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    sent_to_an_account(MADE, 'DROP ROLE IF EXISTS "R"')
    assert 'could not be taken away: DROP ROLE IF EXISTS "R": in use' in capsys.readouterr().err


def test_what_holds_rows_is_never_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    filled = [("D", "S", "FULL")]
    schema, empty = Named("SCHEMA", ("D", "S")), Named("TABLE", ("D", "S", "T"))
    said = removal.statement(schema, filled, "NOW")
    assert said == 'ALTER SCHEMA "D"."S" RENAME TO "D"."S__KEPT_NOW"'
    assert "holds rows" in capsys.readouterr().err
    assert removal.statement(empty, filled, "NOW") == empty.removal
