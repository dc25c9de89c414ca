"""IAM's rules, on one clean trust policy and one clean reading policy, each broken in one place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from sandbox.aws.policy import Call, UnknownPolicyPartError, judge

USER = "arn:aws:iam::222222222222:user/abcd0000-s"
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": USER},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "LEAP_1"}},
        }
    ],
}
READING: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": "arn:aws:s3:::landing/gyms/*",
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::landing",
            "Condition": {"StringLike": {"s3:prefix": ["gyms/*"]}},
        },
    ],
}
ASSUME = Call("sts:AssumeRole", principal=USER, context={"sts:externalid": "LEAP_1"})
GET = Call("s3:GetObject", "arn:aws:s3:::landing/gyms/a.csv")
LIST = Call("s3:ListBucket", "arn:aws:s3:::landing", context={"s3:prefix": "gyms/"})


def changed(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """The document with parts of its first statement replaced."""
    copy = deepcopy(document)
    copy["Statement"][0].update(parts)
    return copy


@pytest.mark.parametrize(("document", "call"), [(TRUST, ASSUME), (READING, GET), (READING, LIST)])
def test_the_clean_documents_allow(document: dict[str, Any], call: Call) -> None:
    assert judge([document], call) == "allow"


@pytest.mark.parametrize(
    "document",
    [
        changed(TRUST, Principal={"AWS": "arn:aws:iam::222222222222:user/other"}),
        changed(TRUST, Principal={"Service": "ec2.amazonaws.com"}),
        changed(TRUST, Condition={"StringEquals": {"sts:ExternalId": "LEAP_2"}}),
        changed(TRUST, Condition={"StringNotEquals": {"sts:ExternalId": "LEAP_1"}}),
        changed(TRUST, Action="sts:TagSession"),
        {"Version": "2012-10-17", "Statement": []},
    ],
)
def test_a_broken_trust_says_nothing(document: dict[str, Any]) -> None:
    assert judge([document], ASSUME) == "silent"


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": ["arn:aws:iam::1:user/x", USER]},
        {"AWS": "222222222222"},
        {"AWS": "arn:aws:iam::222222222222:root"},
    ],
)
def test_a_principal_has_several_spellings(principal: Any) -> None:
    assert judge([changed(TRUST, Principal=principal)], ASSUME) == "allow"


def test_a_single_statement_may_stand_without_a_list() -> None:
    assert judge([{**TRUST, "Statement": TRUST["Statement"][0]}], ASSUME) == "allow"


def test_a_deny_wins_wherever_it_stands() -> None:
    deny = {"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}
    assert judge([READING, deny], GET) == "deny"
    assert judge([deny, READING], GET) == "deny"


def test_another_folder_is_not_read() -> None:
    assert judge([READING], Call("s3:GetObject", "arn:aws:s3:::landing/other/a.csv")) == "silent"


def test_actions_ignore_case_and_resources_do_not() -> None:
    assert judge([changed(READING, Action="S3:getobject")], GET) == "allow"
    assert judge([changed(READING, Resource="arn:aws:s3:::landing/GYMS/*")], GET) == "silent"


def test_brackets_in_a_pattern_are_letters() -> None:
    document = changed(READING, Resource="arn:aws:s3:::landing/[g]yms/*")
    assert judge([document], GET) == "silent"


def test_not_action_and_not_resource_select_the_rest() -> None:
    statement = {"Effect": "Allow", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::other/*"}
    assert judge([{"Statement": statement}], GET) == "allow"
    assert judge([{"Statement": statement}], Call("s3:PutObject", GET.resource)) == "silent"


def test_a_missing_key_fails_a_positive_condition_only() -> None:
    call = Call("sts:AssumeRole", principal=USER)
    assert judge([TRUST], call) == "silent"
    exists = changed(TRUST, Condition={"StringEqualsIfExists": {"sts:ExternalId": "LEAP_1"}})
    assert judge([exists], call) == "allow"
    null = changed(TRUST, Condition={"Null": {"sts:ExternalId": "true"}})
    assert judge([null], call) == "allow"
    assert judge([null], ASSUME) == "silent"


def test_plain_http_is_denied_where_the_policy_says_so() -> None:
    document = changed(READING, Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    insecure = Call(GET.action, GET.resource, context={"aws:securetransport": "false"})
    secure = Call(GET.action, GET.resource, context={"aws:securetransport": "true"})
    assert judge([document], insecure) == "deny"
    assert judge([document], secure) == "silent"


@pytest.mark.parametrize(
    "document",
    [
        changed(READING, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        changed(READING, Resource="arn:aws:s3:::landing/${aws:username}/*"),
    ],
)
def test_what_is_not_known_is_an_error(document: dict[str, Any]) -> None:
    with pytest.raises(UnknownPolicyPartError):
        judge([document], GET)
