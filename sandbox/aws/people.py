"""IAM as rows: one per account, since IAM is small and its objects point to one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moto.iam.models import iam_backends

from sandbox.aws.rows import Key

IAM: Final = "iam"
# points back to the backend; made anew with it
_DERIVED: Final = frozenset({"account_summary"})


def current() -> Iterator[tuple[Key, Any]]:
    """The row of each account."""
    for account, region, backend in iam_backends.iter_backends():
        lasting = {k: v for k, v in backend.__dict__.items() if k not in _DERIVED}
        yield Key(IAM, account, region), lasting


def restore(key: Key, value: Any) -> None:
    """Put one row back."""
    iam_backends[key.account][key.region].__dict__.update(value)
