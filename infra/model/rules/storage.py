"""Transport and storage: buckets, queues and the way from them to Snowflake.

AWS's own rules are named in `why` by their numbers in its Foundational Security Best Practices.

https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from infra.model.rules.item import UNKNOWN, Item, Kind, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation

S3: Final = "s3.amazonaws.com"
S3_PAGE: Final = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"
)
SQS_PAGE: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html"
STAGES_PAGE: Final = (
    "https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration"
)


def is_public(item: Item, _ground: Ground) -> Iterator[str]:
    """A bucket that somebody could open to the world."""
    blocked = item.get("public_access_blocked")
    if blocked is not UNKNOWN and blocked is not True:
        yield "public access to it is not blocked."


def is_plain(item: Item, _ground: Ground) -> Iterator[str]:
    """A bucket that keeps files as they are."""
    algorithm = item.get("encryption")
    if algorithm is not UNKNOWN and not algorithm:
        yield "what lies in it is not encrypted."


def forgets(item: Item, _ground: Ground) -> Iterator[str]:
    """A bucket in which a replaced file is gone."""
    versioning = item.get("versioning")
    if versioning is not UNKNOWN and versioning is not True:
        yield "it keeps no versions: a replaced or deleted file is gone."


def speaks_in_clear(item: Item, _ground: Ground) -> Iterator[str]:
    """A bucket or queue that answers without TLS."""
    statements = _statements(item.get("policy", ""))
    if statements is not None and not any(map(_refuses_clear_text, statements)):
        yield "its policy does not refuse requests without TLS."


def is_open(item: Item, _ground: Ground) -> Iterator[str]:
    """A bucket or queue that lets anybody in, or S3 for anybody."""
    for statement in _statements(item.get("policy", "")) or ():
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        if principal == "*" or _has(principal, "*"):
            yield "its policy lets anybody in."
        elif _has(principal, S3) and not {"aws:SourceArn", "aws:SourceAccount"} <= _keys(statement):
            yield "its policy lets S3 in for any bucket of any account."


def loses_failures(item: Item, _ground: Ground) -> Iterator[str]:
    """A queue of a bucket's events that drops, or tries for ever, what cannot be handled."""
    statements, dead = _statements(item.get("policy", "")), item.get("dead_letter_arn")
    of_a_bucket = any(_has(s.get("Principal"), S3) for s in statements or ())
    if of_a_bucket and dead is not UNKNOWN and not dead:
        yield "events that cannot be handled have no dead-letter queue to go to."


def trusts_anybody(item: Item, _ground: Ground) -> Iterator[str]:
    """A role that more than our own integration may assume."""
    for statement in _statements(item.get("trust_policy", "")) or ():
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        if principal == "*" or _has(principal, "*"):
            yield "anybody may assume it."
        elif "sts:ExternalId" not in _keys(statement) and "AWS" in _mapping(principal):
            yield "no external id is asked for, so any Snowflake account's integration will do."


def may_everything(item: Item, _ground: Ground) -> Iterator[str]:
    """A role with all actions of a service, or on all there is."""
    for statement in _statements(item.get("policy", "")) or ():
        if statement.get("Effect") != "Allow":
            continue
        actions = [a for a in _listed(statement.get("Action")) if a == "*" or a.endswith(":*")]
        if actions:
            yield f"its policy allows {', '.join(actions)}."
        if "*" in _listed(statement.get("Resource")):
            yield "its policy allows what it allows on everything there is."


def reads_everywhere(item: Item, _ground: Ground) -> Iterator[str]:
    """A storage integration that opens more than places of ours."""
    if str(item.get("type", "EXTERNAL_STAGE")).upper() != "EXTERNAL_STAGE":
        return
    places = item.get("storage_allowed_locations")
    if places is not UNKNOWN and (not places or "*" in places):
        yield "it opens every bucket that its role can read."


def brings_its_own_key(item: Item, _ground: Ground) -> Iterator[str]:
    """An external stage with a key of its own in place of an integration."""
    url = item.get("url", "")
    if url is UNKNOWN or not url:
        return
    if item.get("credentials"):
        yield "it holds a cloud's key."
    elif not item.get("storage_integration"):
        yield "no storage integration is named, so it reads with a key or as anybody."


def one_notification(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """Two declarations of a bucket's one list of notifications: each undoes the other."""
    found = list(of_kind(items, Kind.BUCKET_NOTIFICATION))
    counts = Counter(item.name for item in found)
    for item in {i.name: i for i in found if counts[i.name] > 1}.values():
        yield Violation(item, f"its notifications are declared {counts[item.name]} times.")


def _statements(policy: Any) -> list[Mapping[str, Any]] | None:
    """The statements of a policy; None where it is not known."""
    if policy is UNKNOWN:
        return None
    try:
        document = json.loads(policy) if policy else {}
    except (TypeError, ValueError):
        return []
    found = document.get("Statement", []) if isinstance(document, dict) else []
    return [found] if isinstance(found, dict) else list(found)


def _refuses_clear_text(statement: Mapping[str, Any]) -> bool:
    conditions = _mapping(_mapping(statement.get("Condition")).get("Bool"))
    secure = str(conditions.get("aws:SecureTransport", "")).lower()
    return statement.get("Effect") == "Deny" and secure == "false"


def _keys(statement: Mapping[str, Any]) -> set[str]:
    conditions = _mapping(statement.get("Condition")).values()
    return {key for condition in conditions for key in _mapping(condition)}


def _has(principal: Any, name: str) -> bool:
    return any(name in _listed(values) for values in _mapping(principal).values())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _rule(**given: Any) -> Rule:
    return Rule(topic=Topic.STORAGE, **given)


RULES: Final = (
    _rule(
        id="buckets-are-private",
        title="Public access to every bucket is blocked",
        why="One wrong policy line opens a bucket to the world (AWS S3.8).",
        remedy="Set public_access_blocked.",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        severity=Severity.CRITICAL,
        kinds=(Kind.BUCKET,),
        each=is_public,
    ),
    _rule(
        id="buckets-are-encrypted",
        title="What lies in a bucket is encrypted",
        why="Data at rest leaves the house on disks.",
        remedy="Set encryption to AES256 or aws:kms.",
        source=S3_PAGE,
        severity=Severity.HIGH,
        kinds=(Kind.BUCKET,),
        each=is_plain,
    ),
    _rule(
        id="buckets-keep-versions",
        title="Buckets keep replaced and deleted files",
        why="A file that was replaced by mistake can be loaded again only while it exists.",
        remedy="Set versioning, with an expiry of old versions.",
        source=S3_PAGE,
        severity=Severity.MEDIUM,
        kinds=(Kind.BUCKET,),
        each=forgets,
    ),
    _rule(
        id="only-over-tls",
        title="Buckets and queues refuse requests without TLS",
        why="What travels in clear text is read and changed on the way (AWS S3.5).",
        remedy="Deny requests whose aws:SecureTransport is false, in the policy.",
        source=S3_PAGE,
        severity=Severity.HIGH,
        kinds=(Kind.BUCKET, Kind.QUEUE),
        each=speaks_in_clear,
    ),
    _rule(
        id="policies-name-their-principals",
        title="No bucket or queue lets anybody in",
        why="A queue that takes S3's events for anybody takes anybody's events (AWS SQS.3, S3.6).",
        remedy="Name the principal, and aws:SourceArn with aws:SourceAccount for a service.",
        source=SQS_PAGE,
        severity=Severity.CRITICAL,
        kinds=(Kind.BUCKET, Kind.QUEUE),
        each=is_open,
    ),
    _rule(
        id="failed-events-are-kept",
        title="A queue of a bucket's events has a dead-letter queue",
        why="An event that is lost is a file that is never loaded, and nobody knows.",
        remedy="Set dead_letter_arn and max_receive_count.",
        source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        severity=Severity.MEDIUM,
        kinds=(Kind.QUEUE,),
        each=loses_failures,
    ),
    _rule(
        id="roles-trust-one-integration",
        title="An IAM role is assumed by our own integration alone",
        why="All integrations of an account share one AWS user; the external id tells them apart.",
        remedy="Require sts:ExternalId with the integration's own value in the trust policy.",
        source=STAGES_PAGE,
        severity=Severity.CRITICAL,
        kinds=(Kind.AWS_ROLE,),
        each=trusts_anybody,
    ),
    _rule(
        id="roles-may-little",
        title="No IAM role has all actions of a service, or rights on everything",
        why="What reads the landing zone needs two rights on one bucket (AWS IAM.1, IAM.21).",
        remedy="Name the actions and the ARNs.",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        severity=Severity.HIGH,
        kinds=(Kind.AWS_ROLE,),
        each=may_everything,
    ),
    _rule(
        id="integrations-name-their-places",
        title="A storage integration names the places it opens",
        why="An integration for * carries data to any bucket of anybody.",
        remedy="List storage_allowed_locations.",
        source="https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration",
        severity=Severity.HIGH,
        kinds=(Kind.INTEGRATION,),
        each=reads_everywhere,
    ),
    _rule(
        id="stages-use-an-integration",
        title="External stages read through a storage integration",
        why="A key in a stage is shown to whoever may describe it, and never rotated.",
        remedy="Set storage_integration, and leave credentials away.",
        source=STAGES_PAGE,
        severity=Severity.HIGH,
        kinds=(Kind.STAGE,),
        each=brings_its_own_key,
        cis="4.7",
    ),
    _rule(
        id="one-notification-list-per-bucket",
        title="A bucket's notifications are declared once",
        why="S3 keeps one list: the second wipes the first, and loading stops silently.",
        remedy="Put all of a bucket's notifications into one resource.",
        source="https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucketnotification/",
        severity=Severity.HIGH,
        whole=one_notification,
    ),
)
