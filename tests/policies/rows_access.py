"""What breaks the rules on access and logins.

Each row: the rule that must be heard, an estate with one thing broken, and how the message begins.
"""

from infra.model.rules.item import UNKNOWN, Item, Kind
from tests.policies.estate import (
    MARTS_WRITE,
    RAW,
    RAW_WRITE,
    broken,
    owned,
    privileges,
    role_grant,
    thing,
    with_more,
)

ROWS: list[tuple[str, list[Item], str]] = [
    # access
    (
        "no-privilege-for-a-user",
        with_more(thing(Kind.GRANT, "g", user="ANA", privileges=("SELECT",))),
        "SELECT is granted to the user ANA.",
    ),
    (
        "nothing-for-public",
        with_more(privileges("PUBLIC", ("USAGE",), "WAREHOUSE", "BI_WH")),
        "USAGE is granted to PUBLIC, which everybody has.",
    ),
    (
        "nothing-for-public",
        with_more(role_grant("DATA_ANALYST", role_above="PUBLIC")),
        "role DATA_ANALYST is granted to PUBLIC",
    ),
    (
        "nothing-for-accountadmin",
        with_more(privileges("ACCOUNTADMIN", ("SELECT",), "TABLE", *RAW, "GYMS")),
        "SELECT is granted to ACCOUNTADMIN.",
    ),
    (
        "administrators-are-not-lent",
        with_more(role_grant("SECURITYADMIN", role_above="DATA_ADMIN")),
        "SECURITYADMIN is granted to the role DATA_ADMIN.",
    ),
    (
        "owners-are-administrators",
        with_more(owned("DATA_ENGINEER", "SCHEMA", *RAW)),
        "DATA_ENGINEER owns it",
    ),
    (
        "grants-are-exact",
        with_more(privileges("REPORTER", ("ALL PRIVILEGES",), "WAREHOUSE", "BI_WH")),
        "it gives all privileges",
    ),
    (
        "grants-are-exact",
        with_more(privileges("REPORTER", ("USAGE",), "WAREHOUSE", "BI_WH", with_grant_option=True)),
        "whoever has it may hand it on",
    ),
    (
        "grants-are-declared",
        broken(Kind.STATEMENT, "warehouse", execute="grant select on table T to role X"),
        "its execute statement grants or revokes",
    ),
    (
        "future-grants-at-one-level",
        with_more(
            privileges(
                "REPORTER", ("SELECT",), "TABLE", "LEAP_ANALYTICS", "<TABLE>", scope="FUTURE"
            )
        ),
        "it hides the database's own future grant (REPORTER on table LEAP_ANALYTICS.<TABLE>).",
    ),
    # duties
    (
        "raw-has-one-writer",
        with_more(role_grant(RAW_WRITE, role_above="REPORTER")),
        f"REPORTER → {RAW_WRITE} has INSERT on table LEAP_ANALYTICS.RAW.<TABLE>.",
    ),
    (
        "raw-has-one-writer",
        with_more(role_grant("LOADER", role_above="DATA_ADMIN")),
        f"DATA_ADMIN → LOADER → {RAW_WRITE} has INSERT",
    ),
    (
        "raw-has-one-writer",
        with_more(privileges("CI", ("CREATE TABLE",), "SCHEMA", *RAW)),
        "CI has CREATE TABLE on schema LEAP_ANALYTICS.RAW.",
    ),
    (
        "duties-are-apart",
        with_more(role_grant(MARTS_WRITE, role_above="WORKSPACE_ADMIN")),
        "WORKSPACE_ADMIN builds on it and makes roles or grants",
    ),
    (
        "duties-are-apart",
        with_more(role_grant("TRANSFORMER", user="LOADER_SVC")),
        "LOADER_SVC builds on it and loads raw data",
    ),
    (
        "people-hold-no-service-role",
        with_more(role_grant("LOADER", user="ANA_ANALYST")),
        "ANA_ANALYST is a person, and LOADER is a program's role.",
    ),
    # logins
    (
        "no-legacy-service-users",
        broken(Kind.USER, "LOADER_SVC", type="LEGACY_SERVICE"),
        "its type is LEGACY_SERVICE",
    ),
    (
        "nobody-has-a-password",
        broken(Kind.USER, "ANA_ANALYST", password=UNKNOWN),
        "it has a password.",
    ),
    (
        "nobody-has-a-password",
        broken(Kind.USER, "LOADER_SVC", has_password="true"),
        "a program has a password.",
    ),
    (
        "people-have-a-second-factor",
        broken(Kind.USER, "ANA_ANALYST", has_password="true"),
        "it logs in with a password alone.",
    ),
    (
        "programs-have-a-key",
        broken(Kind.USER, "LOADER_SVC", rsa_public_key=None),
        "it has neither a public key nor a workload identity.",
    ),
    (
        "programs-come-from-known-places",
        broken(Kind.USER, "LOADER_SVC", network_policy=""),
        "no network policy says where it may come from.",
    ),
    (
        "nobody-starts-as-administrator",
        broken(Kind.USER, "ADA", default_role='"ACCOUNTADMIN"'),
        "its default role is ACCOUNTADMIN.",
    ),
    (
        "sleepers-are-locked",
        broken(Kind.USER, "ANA_ANALYST", days_without_login=91.5),
        "nobody has logged in as it for 91 days; the limit is 90.",
    ),
    (
        "passwords-are-strong",
        broken(Kind.PASSWORD_POLICY, "PASSWORDS", min_length=8),
        "it lets passwords of 8 characters pass",
    ),
    (
        "passwords-are-strong",
        broken(Kind.PASSWORD_POLICY, "PASSWORDS", max_retries=10),
        "it allows 10 tries",
    ),
    (
        "networks-are-bounded",
        broken(Kind.NETWORK_RULE, "OFFICE", value_lists=["192.0.2.0/24", "0.0.0.0/0"]),
        "it names every address there is.",
    ),
    (
        "networks-are-bounded",
        broken(Kind.NETWORK_POLICY, "SERVICES", blocked_ip_lists=["0.0.0.0/0"]),
        "it blocks every address",
    ),
    (
        "administrators-can-be-reached",
        broken(Kind.USER, "ADA", email=""),
        "it has ACCOUNTADMIN and no e-mail address.",
    ),
    (
        "few-account-admins",
        broken(Kind.USER, "BO", disabled="true"),
        "1 have ACCOUNTADMIN (ADA); 2 to 4 should.",
    ),
]
