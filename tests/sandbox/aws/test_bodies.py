"""Object bodies in files whose name is the digest of what is in them."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from sandbox.aws.bodies import Bodies


class Disturbed(io.BytesIO):
    """Content whose position another reader moves after the first block."""

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        super().seek(2 << 20, io.SEEK_CUR)
        return block


def test_a_body_is_kept_under_its_digest(tmp_path: Path) -> None:
    body = Bodies(tmp_path).keep(io.BytesIO(b"content"))
    assert body.digest == hashlib.sha256(b"content").hexdigest()
    assert body.read() == b"content"
    assert [path.name for path in tmp_path.iterdir()] == [body.digest]


def test_the_name_of_a_kept_body_is_true_whatever_was_read(tmp_path: Path) -> None:
    body = Bodies(tmp_path).keep(Disturbed(bytes(4 << 20)))
    assert body.digest == hashlib.sha256(body.path.read_bytes()).hexdigest()


def test_a_body_that_came_before_is_kept_once(tmp_path: Path) -> None:
    bodies = Bodies(tmp_path)
    assert bodies.keep(io.BytesIO(b"a")).path == bodies.keep(io.BytesIO(b"a")).path
    assert len(list(tmp_path.iterdir())) == 1
