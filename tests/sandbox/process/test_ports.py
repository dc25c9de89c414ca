"""Ports are chosen once; a taken port that was asked for is an error with a way on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import ports
from sandbox.errors import SandboxError
from sandbox.place import Place
from sandbox.ports import Ports, Wish, listen, settle


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.prepare()
    return place


@pytest.fixture
def taken() -> Iterator[int]:
    with listen(0) as listener:
        yield listener.getsockname()[1]


def free() -> int:
    with listen(0) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_a_choice_is_kept_for_later_starts(place: Place) -> None:
    first = settle(place, Wish(0, 0))
    assert settle(place, Wish()) == first


def test_a_taken_default_is_replaced_at_the_first_start(
    place: Place, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = free()
    defaults = {"snowflake": taken, "aws": other, "github": free()}
    monkeypatch.setattr(ports, "DEFAULTS", defaults)
    chosen = settle(place, Wish())
    assert chosen.snowflake != taken
    assert chosen.aws == other


def test_a_side_that_is_newer_than_the_file_gets_a_port(place: Place) -> None:
    kept = settle(place, Wish(0, 0))
    place.ports.write_text(f'{{"snowflake": {kept.snowflake}, "aws": {kept.aws}}}')
    chosen = settle(place, Wish())
    assert (chosen.snowflake, chosen.aws) == (kept.snowflake, kept.aws)
    assert chosen.github not in (kept.snowflake, kept.aws)


def test_a_taken_port_that_was_asked_for_is_an_error(place: Place, taken: int) -> None:
    with pytest.raises(SandboxError, match=f"Port {taken} on 127.0.0.1 is taken") as failure:
        settle(place, Wish(taken))
    assert "leap sandbox start --port 0" in failure.value.way_on
    assert not place.ports.exists()


def test_a_taken_port_that_was_kept_is_an_error(place: Place) -> None:
    kept = settle(place, Wish(0, 0))
    with (
        listen(kept.aws),
        pytest.raises(SandboxError, match=f"Port {kept.aws} on 127.0.0.1 is taken"),
    ):
        settle(place, Wish())


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_out_of_range_is_an_error(place: Place, port: int) -> None:
    with pytest.raises(SandboxError, match="allowed is a port from 1 to 65535"):
        settle(place, Wish(port))


def test_both_sides_cannot_share_a_port(place: Place) -> None:
    port = free()
    with pytest.raises(SandboxError, match="another side"):
        settle(place, Wish(port, port))


def test_a_damaged_file_is_told(place: Place) -> None:
    place.ports.write_text("{}")
    with pytest.raises(SandboxError, match="does not hold"):
        settle(place, Wish())


def test_only_the_machine_itself_is_listened_to(place: Place) -> None:
    with listen(0) as listener:
        assert listener.family == socket.AF_INET
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_port_that_was_asked_for_is_kept(place: Place) -> None:
    kept = settle(place, Wish(0, 0))
    port, aws_port = free(), free()
    assert settle(place, Wish(port, aws_port)) == Ports(port, aws_port, kept.github)
    assert settle(place, Wish()) == Ports(port, aws_port, kept.github)
