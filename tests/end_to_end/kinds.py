"""One change of every kind that a foundation declares, all of them in one deployment.

A row says what the engine makes of the change, and where the account shows it. What the account
shows in no simple way (the cloud's side, and what is only a comment in a plan) is compared by the
refresh that follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

DB: Final = "LEAP_ANALYTICS"
FACTS: Final = """
people:
  PAUL_PERSON: {role: DATA_ENGINEER, warehouse: DEV_WH, email: paul@leap.example}
exceptions:
  PASSWORD_ON_THE_SANDBOX:
    rule: nobody-has-a-password
    objects: [PAUL_PERSON]
    reason: The sandbox knows no single sign-on
    owner: data-platform
    until: "2099-12-31"
database:
  schemas:
    EXPORTS: {comment: What leaves the platform}
"""
"""Beside what `prod` says: a person, whose like come from elsewhere, and a schema that is to go."""
CHANGED: Final = """
replication:
  connection: {comment: Changed}
  groups:
    LEAP_FAILOVER: {schedule: 15 MINUTES}
people:
  PAUL_PERSON: {email: paula@leap.example}
database:
  comment: Changed
  tags: {OWNER: data-engineering}
  schemas:
    MARTS: {comment: Changed}
warehouses:
  DEV_WH: {auto_suspend: 30}
  NEW_WH:
    warehouse_size: XSMALL
    auto_suspend: 60
    resource_monitor: DEV_LIMIT
    statement_timeout_in_seconds: 600
    statement_queued_timeout_in_seconds: 60
monitors:
  BI_LIMIT: {credit_quota: 299}
roles:
  LOADER: {comment: Changed}
  REPORTER: {granted_to: [DATA_ANALYST]}
access:
  REPORTER: {schemas: {OPERATIONS: READ}}
  DATA_ENGINEER: {database: [USAGE, CREATE SCHEMA, MONITOR]}
governance:
  tags:
    COST_CENTRE: {comment: Changed}
  masking_policies:
    PII_TEXT: {masked: "'hidden'"}
  row_access_policies:
    BY_STATE: {comment: Changed}
account_parameters:
  min_data_retention_time_in_days: 8
network:
  groups: {OFFICE: [203.0.113.0/24]}
  policies:
    LEAP_SERVICES: {comment: Changed}
authentication_policies:
  KEY_PAIRS: {comment: Changed}
  KEYS_ONLY: {authentication_methods: [KEYPAIR], client_types: [DRIVERS]}
password_policies:
  PASSWORDS: {account: false, min_length: 15}
  LONGER: {account: true, min_length: 20}
service_users:
  CI_SVC: {warehouse: DEV_WH, authentication_policy: KEYS_ONLY}
marketplace:
  CENSUS: {comment: Changed}
stages:
  MANUAL_UPLOADS: {comment: Changed}
landing:
  noncurrent_version_expiration_days: 91
  message_retention_days: 13
workspaces:
  max_credits: 40
operations:
  warehouse: TRANSFORMING_WH
notifications:
  LEAP_EMAIL: {comment: Changed}
budgets:
  PLATFORM_BUDGET: {spending_limit: 501}
feeds: [gyms, census_demographics, gym_events, visits]
"""
"""Merged into the facts. `visits` is a feed like `gyms`, whose description changes too."""


class Change(NamedTuple):
    """What the engine does, and a statement of which one row then has these values in it."""

    operation: str
    statement: str = ""
    values: Mapping[str, str] = {}


def _update(statement: str, **values: str) -> Change:
    return Change("update", statement, values)


def _show(kind: str, schema: str, **values: str) -> Change:
    return _update(f"SHOW {kind} IN SCHEMA {DB}.{schema}", **values)


_POLICIES: Final = f"TABLE({DB}.INFORMATION_SCHEMA.POLICY_REFERENCES(REF_ENTITY_DOMAIN => 'USER', "
CHANGES: Final[Mapping[str, Change]] = {
    "AccountParameter": _update(
        "SHOW PARAMETERS LIKE 'MIN_DATA_RETENTION_TIME_IN_DAYS' IN ACCOUNT", value="8"
    ),
    "AccountPasswordPolicyAttachment": Change("replace"),
    "AccountRole": _update("SHOW ROLES", name="LOADER", comment="Changed"),
    "Alert": Change(
        "replace", f"SHOW ALERTS IN SCHEMA {DB}.OPERATIONS", {"warehouse": "TRANSFORMING_WH"}
    ),
    "AuthenticationPolicy": _show("AUTHENTICATION POLICIES", "GOVERNANCE", comment="Changed"),
    "Bucket": Change("update"),
    "BucketNotification": Change("update"),
    "Database": _update("SHOW DATABASES", name=DB, comment="Changed"),
    "EmailNotificationIntegration": _update(
        "SHOW INTEGRATIONS", name="LEAP_EMAIL", comment="Changed"
    ),
    "FailoverGroup": _update(
        "SHOW FAILOVER GROUPS", name="LEAP_FAILOVER", replication_schedule="15 MINUTE"
    ),
    "FileFormat": _show("FILE FORMATS", "RAW", comment="Changed"),
    "GrantAccountRole": Change(
        "create", "SHOW GRANTS OF ROLE REPORTER", {"grantee_name": "DATA_ANALYST"}
    ),
    "GrantOwnership": Change("create", "SHOW WAREHOUSES", {"name": "NEW_WH", "owner": "SYSADMIN"}),
    "GrantPrivilegesToAccountRole": _update(
        "SHOW GRANTS TO ROLE DATA_ENGINEER", privilege="MONITOR", name=DB
    ),
    "MaskingPolicy": _update(f"DESCRIBE MASKING POLICY {DB}.GOVERNANCE.PII_TEXT", body="'hidden'"),
    "NetworkPolicy": _update("SHOW NETWORK POLICIES", comment="Changed"),
    "NetworkRule": _update(
        f"DESCRIBE NETWORK RULE {DB}.GOVERNANCE.OFFICE", value_list="203.0.113.0/24"
    ),
    "PasswordPolicy": _update(
        f"DESCRIBE PASSWORD POLICY {DB}.GOVERNANCE.PASSWORDS",
        property="PASSWORD_MIN_LENGTH",
        value="15",
    ),
    "Pipe": _show("PIPES", "RAW", name="GYMS_PIPE", comment="Changed"),
    "PrimaryConnection": _update("SHOW CONNECTIONS", name="ANALYTICS", comment="Changed"),
    "ProcedureSql": Change("replace"),
    "Queue": Change("update"),
    "ResourceMonitor": _update("SHOW RESOURCE MONITORS", name="BI_LIMIT", credit_quota="299.00"),
    "Role": Change("update"),
    "RowAccessPolicy": _show("ROW ACCESS POLICIES", "GOVERNANCE", comment="Changed"),
    "Schema": _update(f"SHOW SCHEMAS IN DATABASE {DB}", name="MARTS", comment="Changed"),
    "SecretWithGenericString": Change("update"),
    "ServiceUser": _update("SHOW USERS", name="CI_SVC", default_warehouse="DEV_WH"),
    "SharedDatabase": _update("SHOW DATABASES", name="CENSUS", comment="Changed"),
    "Stage": _show("STAGES", "RAW", name="MANUAL_UPLOADS", comment="Changed"),
    "Statement": Change("update"),
    "StorageIntegration": _update(
        "DESCRIBE INTEGRATION LEAP_LANDING",
        property="STORAGE_ALLOWED_LOCATIONS",
        property_value="/visits/",
    ),
    "Table": _show("TABLES", "RAW", name="GYMS", comment="Changed"),
    "Tag": _show("TAGS", "GOVERNANCE", name="COST_CENTRE", comment="Changed"),
    "TagAssociation": _update(
        f"SELECT SYSTEM$GET_TAG('{DB}.GOVERNANCE.OWNER', '{DB}', 'DATABASE') AS VALUE",
        value="data-engineering",
    ),
    "Task": _show("TASKS", "OPERATIONS", name="KEEP_RAW_COLUMNS", warehouse="TRANSFORMING_WH"),
    "User": _update("SHOW USERS", name="PAUL_PERSON", email="paula@leap.example"),
    "UserAuthenticationPolicyAttachment": Change(
        "replace",
        f"SELECT * FROM {_POLICIES}REF_ENTITY_NAME => 'CI_SVC'))",
        {"policy_name": "KEYS_ONLY"},
    ),
    "Warehouse": _update("SHOW WAREHOUSES", name="DEV_WH", auto_suspend="30"),
}
"""By the last part of the resource's type."""
ELSEWHERE: Final[Mapping[str, str]] = {
    "snowflake:index/execute:Execute": "tests/end_to_end/test_workspaces.py",
    "github:": "tests/sandbox/github/test_repository_chain.py",
}
"""Kinds, or beginnings of kinds, whose life the named tests go through."""
MADE: Final = frozenset({"ReplicaPlace", "ReplicatedIntegration"})
"""Of the second account: a place that a copy takes, and an integration that has arrived with it.
They are made and go, and nothing of them can be declared otherwise in between."""
