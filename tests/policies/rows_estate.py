"""What breaks the rules on cost, storage, continuity and order.

Each row: the rule that must be heard, an estate with one thing broken, and how the message begins.
"""

from infra.model.rules.item import Item, Kind
from tests.policies.estate import (
    FROM_THE_BUCKET,
    NO_CLEAR_TEXT,
    broken,
    policy,
    thing,
    with_more,
)

ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
ALL_OF_S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::leap-landing"}
S3_OF_ANYBODY = {k: v for k, v in FROM_THE_BUCKET.items() if k != "Condition"}
FOREIGN = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::9:user/snowflake"},
    "Action": "sts:AssumeRole",
}

ROWS: list[tuple[str, list[Item], str]] = [
    # cost
    (
        "warehouse-suspends",
        broken(Kind.WAREHOUSE, "BI_WH", auto_suspend=86400),
        "it suspends after 86400 idle seconds; the limit of this environment is 600",
    ),
    (
        "warehouse-suspends",
        broken(Kind.WAREHOUSE, "BI_WH", auto_suspend=0),
        "it never suspends",
    ),
    (
        "warehouse-has-a-ceiling",
        broken(Kind.WAREHOUSE, "BI_WH", resource_monitor=None),
        "it has no resource monitor.",
    ),
    (
        "warehouse-has-a-ceiling",
        broken(Kind.WAREHOUSE, "BI_WH", resource_monitor='"OTHER"'),
        "its resource monitor OTHER is not part of this deployment.",
    ),
    (
        "warehouse-has-a-ceiling",
        broken(Kind.MONITOR, "BI_LIMIT", suspend_trigger=None),
        "its resource monitor BI_LIMIT has no quota with a suspend trigger.",
    ),
    (
        "warehouse-is-small-enough",
        broken(Kind.WAREHOUSE, "BI_WH", warehouse_size="X-Large"),
        "it is X-Large; the largest of this environment is MEDIUM.",
    ),
    (
        "warehouse-is-small-enough",
        broken(Kind.WAREHOUSE, "BI_WH", max_cluster_count=10),
        "it grows to 10 clusters; the most of this environment is 5.",
    ),
    (
        "statements-end",
        broken(Kind.WAREHOUSE, "BI_WH", statement_timeout_in_seconds=0),
        "a statement may run for days",
    ),
    (
        "statements-end",
        broken(Kind.WAREHOUSE, "BI_WH", statement_timeout_in_seconds=86400),
        "a statement may run for 86400 seconds; the limit is 7200.",
    ),
    (
        "queues-end",
        broken(Kind.WAREHOUSE, "BI_WH", statement_queued_timeout_in_seconds=None),
        "a statement may wait in its queue without end.",
    ),
    (
        "acceleration-is-bounded",
        broken(Kind.WAREHOUSE, "BI_WH", query_acceleration_max_scale_factor=0),
        "query acceleration has no upper bound",
    ),
    (
        "quotas-fit-the-budget",
        broken(Kind.MONITOR, "BI_LIMIT", credit_quota=50, frequency="DAILY"),
        "the quotas add up to 1550 credits a month (BI_LIMIT 1550); the budget is 660.",
    ),
    # storage
    (
        "buckets-are-private",
        broken(Kind.BUCKET, "leap-landing", public_access_blocked=False),
        "public access to it is not blocked.",
    ),
    (
        "buckets-are-encrypted",
        broken(Kind.BUCKET, "leap-landing", encryption=""),
        "what lies in it is not encrypted.",
    ),
    (
        "buckets-keep-versions",
        broken(Kind.BUCKET, "leap-landing", versioning=False),
        "it keeps no versions",
    ),
    (
        "only-over-tls",
        broken(Kind.BUCKET, "leap-landing", policy=""),
        "its policy does not refuse requests without TLS.",
    ),
    (
        "only-over-tls",
        broken(Kind.QUEUE, "dead", policy=policy()),
        "its policy does not refuse requests without TLS.",
    ),
    (
        "policies-name-their-principals",
        broken(Kind.BUCKET, "leap-landing", policy=policy(ANYBODY, NO_CLEAR_TEXT)),
        "its policy lets anybody in.",
    ),
    (
        "policies-name-their-principals",
        broken(Kind.QUEUE, "events", policy=policy(S3_OF_ANYBODY, NO_CLEAR_TEXT)),
        "its policy lets S3 in for any bucket of any account.",
    ),
    (
        "failed-events-are-kept",
        broken(Kind.QUEUE, "events", dead_letter_arn=""),
        "events that cannot be handled have no dead-letter queue to go to.",
    ),
    (
        "roles-trust-one-integration",
        broken(Kind.AWS_ROLE, "leap-landing", trust_policy=policy(FOREIGN)),
        "no external id is asked for",
    ),
    (
        "roles-may-little",
        broken(Kind.AWS_ROLE, "leap-landing", policy=policy(ALL_OF_S3)),
        "its policy allows s3:*.",
    ),
    (
        "integrations-name-their-places",
        broken(Kind.INTEGRATION, "LANDING", storage_allowed_locations=["*"]),
        "it opens every bucket that its role can read.",
    ),
    (
        "stages-use-an-integration",
        broken(Kind.STAGE, "GYMS_STAGE", storage_integration=None),
        "no storage integration is named",
    ),
    (
        "one-notification-list-per-bucket",
        with_more(thing(Kind.BUCKET_NOTIFICATION, "leap-landing")),
        "its notifications are declared 2 times.",
    ),
    (
        "stages-need-an-integration",
        broken(
            Kind.ACCOUNT_PARAMETER, "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION", value="false"
        ),
        "it is off.",
    ),
    (
        "stages-need-an-integration",
        broken(Kind.ACCOUNT_PARAMETER, "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION", value=""),
        "it is off.",
    ),
    (
        "data-leaves-by-stages",
        broken(Kind.ACCOUNT_PARAMETER, "PREVENT_UNLOAD_TO_INLINE_URL", value="false"),
        "it is off.",
    ),
    (
        "staged-files-have-a-long-key",
        broken(Kind.ACCOUNT_PARAMETER, "CLIENT_ENCRYPTION_KEY_SIZE", value=""),
        "it is Snowflake's own; 256 bits are asked for.",
    ),
    # continuity
    (
        "time-travel-has-a-floor",
        broken(Kind.ACCOUNT_PARAMETER, "MIN_DATA_RETENTION_TIME_IN_DAYS", value="1"),
        "it is 1; the least is 7 days.",
    ),
    (
        "data-is-protected",
        broken(Kind.DATABASE, "LEAP_ANALYTICS", protected=False),
        "the engine would delete it, with what it holds.",
    ),
    (
        "data-can-be-brought-back",
        broken(Kind.DATABASE, "LEAP_ANALYTICS", data_retention_time_in_days=0),
        "it has 0 days of time travel; the least of this environment is 7.",
    ),
    (
        "data-can-be-brought-back",
        broken(Kind.SCHEMA, "RAW", data_retention_time_in_days=1),
        "it has 1 days of time travel",
    ),
    (
        "branches-are-protected",
        broken(Kind.BRANCH_PROTECTION, "main", rules={"non_fast_forward": True}),
        "nobody has to review a change.",
    ),
    (
        "branches-are-protected",
        with_more(thing(Kind.BRANCH_PROTECTION, "old", allows_force_pushes=True)),
        "its history can be rewritten",
    ),
    (
        "branches-are-protected",
        with_more(
            thing(
                Kind.BRANCH_PROTECTION,
                "old",
                required_status_checks=[{"contexts": ["test"]}],
                required_pull_request_reviews=[{"required_approving_review_count": 0}],
                enforce_admins=True,
            )
        ),
        "nobody has to review a change.",
    ),
    (
        "branches-are-protected",
        with_more(thing(Kind.BRANCH_PROTECTION, "old", enforce_admins=False)),
        "it does not hold administrators.",
    ),
    (
        "workflows-do-not-approve",
        with_more(thing(Kind.WORKFLOWS, "leap", can_approve_pull_request_reviews=True)),
        "its workflows may approve pull requests",
    ),
    (
        "workflows-do-not-approve",
        with_more(thing(Kind.WORKFLOWS, "leap", default_workflow_permissions="write")),
        "its workflows may write to it",
    ),
    (
        "account-is-not-reset",
        with_more(thing(Kind.CURRENT_ACCOUNT, "account")),
        "it unsets every account parameter that it does not name",
    ),
    # order
    (
        "names-need-no-quotes",
        with_more(thing(Kind.ROLE, "data analyst")),
        "the name 'data analyst' has to be quoted",
    ),
    (
        "costs-have-an-owner",
        with_more(
            thing(
                Kind.WAREHOUSE,
                "SCIENCE_WH",
                auto_suspend=60,
                resource_monitor="BI_LIMIT",
                statement_timeout_in_seconds=60,
                statement_queued_timeout_in_seconds=60,
            ),
        ),
        "it has no tag COST_CENTRE.",
    ),
]
