"""The connection file: what it holds, who may read it, and what a damaged one says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox import connection
from sandbox.connection import compose
from sandbox.errors import SandboxError
from sandbox.ports import Ports


def test_a_connection_reads_back(tmp_path: Path) -> None:
    written = compose(Ports(1, 2, 3), pid=3, birth="x", earlier=None)
    connection.write(tmp_path / "connection.json", written)
    assert connection.read(tmp_path / "connection.json") == written


def test_it_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    connection.write(path, compose(Ports(1, 2, 3), pid=3, birth="x", earlier=None))
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_holds_what_clients_rely_on(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    connection.write(path, compose(Ports(48080, 48081, 48082), pid=3, birth="x", earlier=None))
    content = json.loads(path.read_text())
    snowflake, aws = content["snowflake"], content["aws"]
    assert snowflake["admin"]["user"] == "LEAP_ADMIN"
    assert (snowflake["host"], snowflake["port"]) == ("127.0.0.1", 48080)
    assert (snowflake["protocol"], snowflake["account"]) == ("http", "LEAP-SANDBOX")
    assert aws["endpoint_url"] == "http://127.0.0.1:48081"
    assert (aws["region"], aws["account_id"]) == ("us-east-1", "123456789012")
    assert (content["pid"], content["version"]) == (3, 1)


def test_passwords_are_random_and_stay(tmp_path: Path) -> None:
    first = compose(Ports(1, 2, 3), pid=3, birth="x", earlier=None)
    other = compose(Ports(1, 2, 3), pid=3, birth="x", earlier=None)
    later = compose(Ports(1, 2, 3), pid=4, birth="y", earlier=first)
    assert first.snowflake.admin.password != other.snowflake.admin.password
    assert first.snowflake.people_password != first.snowflake.admin.password
    assert later.snowflake == first.snowflake


def test_none_is_no_error(tmp_path: Path) -> None:
    assert connection.read(tmp_path / "connection.json") is None


@pytest.mark.parametrize("text", ["", "{}", '{"pid": "x"}', "[]"])
def test_a_damaged_one_is_told_with_its_path(tmp_path: Path, text: str) -> None:
    path = tmp_path / "connection.json"
    path.write_text(text)
    with pytest.raises(SandboxError, match="is not a connection file") as failure:
        connection.read(path)
    assert str(path) in failure.value.way_on
