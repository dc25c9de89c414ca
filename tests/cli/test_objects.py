"""Objects by kind and full name, as a state, a statement and a row of SHOW name them."""

from __future__ import annotations

from typing import Any

import pytest

from cli.deployment.objects import (
    KINDS,
    Named,
    depth,
    listing,
    of_resource,
    of_row,
    of_statement,
)


def resource(kind: str, **inputs: Any) -> dict[str, Any]:
    """A resource as the engine describes it."""
    token = f"snowflake:index/{kind[0].lower()}{kind[1:]}:{kind}"
    return {"type": token, "urn": f"urn:pulumi:local::leap::{token}::x", "inputs": inputs}


@pytest.mark.parametrize(
    ("made", "statement"),
    [
        (resource("Warehouse", name="BI_WH"), 'DROP WAREHOUSE IF EXISTS "BI_WH"'),
        (resource("Schema", name="RAW", database="D"), 'DROP SCHEMA IF EXISTS "D"."RAW"'),
        (
            resource("Pipe", name="P", database="D", schema="RAW"),
            'DROP PIPE IF EXISTS "D"."RAW"."P"',
        ),
        (resource("AccountRole", name='odd"name'), 'DROP ROLE IF EXISTS "odd""name"'),
        (
            resource(
                "ProcedureSql",
                name="P",
                database="D",
                schema="S",
                arguments=[{"argName": "A", "argDataType": "NUMBER"}],
            ),
            'DROP PROCEDURE IF EXISTS "D"."S"."P"(NUMBER)',
        ),
        (
            resource(
                "MaskingPolicy", name="M", database="D", schema="S", arguments=[{"type": "T"}]
            ),
            'DROP MASKING POLICY IF EXISTS "D"."S"."M"',
        ),
        (
            resource("UserAuthenticationPolicyAttachment", userName='"ANNA"'),
            'ALTER USER IF EXISTS "ANNA" UNSET AUTHENTICATION POLICY',
        ),
        (resource("AccountPasswordPolicyAttachment"), "ALTER ACCOUNT UNSET PASSWORD POLICY"),
    ],
)
def test_what_a_resource_made_is_taken_away_by_its_full_name(
    made: dict[str, Any], statement: str
) -> None:
    named = of_resource(made)
    assert named is not None
    assert named.removal == statement


@pytest.mark.parametrize(
    "made",
    [
        resource("GrantPrivilegesToAccountRole", accountRoleName="R"),
        {"type": "pulumi:providers:snowflake", "inputs": {"name": "x"}},
        {"type": "pulumi-python:dynamic:Resource", "inputs": {"name": "x"}},
    ],
)
def test_what_can_be_made_twice_has_no_name(made: dict[str, Any]) -> None:
    assert of_resource(made) is None


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ('CREATE ROLE "DEV__REPORTER" COMMENT = \'CREATE ROLE "X"\'', "ROLE", ("DEV__REPORTER",)),
        ("create or replace role anna", "ROLE", ("ANNA",)),
        ('CREATE DATABASE ROLE "D"."R"', "DATABASE ROLE", ("D", "R")),
        ("CREATE DATABASE ROLE", "DATABASE", ("ROLE",)),
        ('CREATE TRANSIENT SCHEMA "D"."S" WITH MANAGED ACCESS', "SCHEMA", ("D", "S")),
        ("CREATE SCHEMA S", "SCHEMA", ("NOW", "S")),
        ('CREATE TABLE "D"."S"."T" ("A" NUMBER)', "TABLE", ("D", "S", "T")),
        ("CREATE TABLE IF NOT EXISTS T(A INT)", "TABLE", ("NOW", "HERE", "T")),
        ("CREATE TABLE S.T (A INT)", "TABLE", ("NOW", "S", "T")),
        ('CREATE STORAGE INTEGRATION "I" TYPE = EXTERNAL_STAGE', "INTEGRATION", ("I",)),
        (
            'CREATE ROW ACCESS POLICY "D"."S"."P" AS (A) -> TRUE',
            "ROW ACCESS POLICY",
            ("D", "S", "P"),
        ),
        ('CREATE USER "a""b" TYPE = SERVICE', "USER", ('a"b',)),
        ('CREATE RESOURCE MONITOR "M" WITH CREDIT_QUOTA = 5', "RESOURCE MONITOR", ("M",)),
        ("ALTER ACCOUNT SET PASSWORD POLICY D.S.P", "PASSWORD POLICY ON ACCOUNT", ()),
        (
            'ALTER USER "ANNA" SET AUTHENTICATION POLICY "D"."S"."P"',
            "AUTHENTICATION POLICY ON USER",
            ("ANNA",),
        ),
    ],
)
def test_a_statement_names_what_it_makes(text: str, kind: str, path: tuple[str, ...]) -> None:
    assert of_statement(text, "NOW", "HERE") == Named(kind, path)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'CREATE ROLE X'",
        "ALTER ROLE \"A\" SET COMMENT = 'x'",
        'DROP ROLE "A"',
        "GRANT CREATE SCHEMA ON DATABASE D TO ROLE R",
    ],
)
def test_other_statements_make_nothing(text: str) -> None:
    assert of_statement(text) is None


def test_a_procedure_is_dropped_by_the_types_of_its_arguments() -> None:
    text = 'CREATE PROCEDURE "D"."S"."P"("A" NUMBER(38, 0), B VARCHAR) RETURNS VARCHAR AS $$x$$'
    named = of_statement(text)
    assert named is not None
    assert named.removal == 'DROP PROCEDURE IF EXISTS "D"."S"."P"(NUMBER, VARCHAR)'


@pytest.mark.parametrize("kind", sorted(set(KINDS.values())))
def test_a_row_of_show_names_the_object_that_its_resource_names(kind: str) -> None:
    whole = {"database": "D", "schema": "S", "name": "X"}
    inputs = dict(list(whole.items())[3 - depth(kind) :] if depth(kind) != 2 else whole.items())
    if depth(kind) == 2:
        del inputs["schema"]
    token = next(token for token, named in KINDS.items() if named == kind)
    row = {"name": "X", "database_name": "D", "schema_name": "S"}
    assert of_row(kind, row) == of_resource(resource(token, **inputs))
    assert listing(kind).startswith(f"SHOW {kind[:-1]}")


def test_what_is_inside_goes_with_its_container() -> None:
    table, schema = Named("TABLE", ("D", "S", "T")), Named("SCHEMA", ("D", "S"))
    assert table.is_inside(schema)
    assert table.is_inside(Named("DATABASE", ("D",)))
    assert not table.is_inside(Named("DATABASE", ("E",)))
    assert not schema.is_inside(table)
    assert not schema.is_inside(schema)
