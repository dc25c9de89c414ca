"""Bucket policies with their conditions, which moto leaves out when it decides.

Without this the usual statement that denies plain HTTP denies everything. The sandbox speaks plain
HTTP on 127.0.0.1 in the place of TLS, so `aws:SecureTransport` is true here. The caller is the
account itself, since any key signs.
"""

from __future__ import annotations

import json

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from sandbox.aws.policy import Call, judge

_RESULTS = {
    "allow": PermissionResult.PERMITTED,
    "deny": PermissionResult.DENIED,
    "silent": PermissionResult.NEUTRAL,
}


def permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What the bucket's policy says to an action on one of its objects."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    call = Call(
        action=action,
        resource=resource,
        principal=f"arn:aws:iam::{bucket.account_id}:root",
        context={"aws:securetransport": "true"},
    )
    return _RESULTS[judge([json.loads(bucket.policy)], call)]


def install() -> None:
    """Have moto ask `permission`."""
    type.__setattr__(FakeBucket, "get_permission", permission)
