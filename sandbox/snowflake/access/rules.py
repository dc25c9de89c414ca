"""What gives the right to do what: the rules of access control, one row each, as data.

A statement asks for something on an object (`guard.Demand`); a row says which privileges give it.
OWNERSHIP of the object always does, and so does what is asked itself, where it is a privilege that
can be granted. Containers come on top: some privilege on the schema and one on the database. What
has no row is refused.

Rows that are not `confirmed` are our reading of Snowflake's pages; docs/verified.md lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DOCS: Final = "https://docs.snowflake.com/en/"
PRIVILEGES: Final = f"{_DOCS}user-guide/security-access-control-privileges"
OVERVIEW: Final = f"{_DOCS}user-guide/security-access-control-overview"
CONFIGURE: Final = f"{_DOCS}user-guide/security-access-control-configure"
CONSIDERATIONS: Final = f"{_DOCS}user-guide/security-access-control-considerations"
GRANT_PRIVILEGE: Final = f"{_DOCS}sql-reference/sql/grant-privilege"
GRANT_OWNERSHIP: Final = f"{_DOCS}sql-reference/sql/grant-ownership"
SHOW_GRANTS: Final = f"{_DOCS}sql-reference/sql/show-grants"
MONITORS: Final = f"{_DOCS}user-guide/resource-monitors"
TAGGING: Final = f"{_DOCS}user-guide/object-tagging/introduction"
MASKING: Final = f"{_DOCS}user-guide/security-column-intro"
ROW_ACCESS: Final = f"{_DOCS}user-guide/security-row-intro"
REPLICATION: Final = f"{_DOCS}user-guide/account-replication-considerations"
CONNECTIONS: Final = f"{_DOCS}sql-reference/sql/create-connection"
SHARED: Final = f"{_DOCS}user-guide/data-share-consumers"

ACCOUNT: Final = "ACCOUNT"
ANY: Final = ""
CREATE: Final = "CREATE"
"""Asked as `CREATE <kind>` on what the new object goes into."""
SEE: Final = "see"
DESCRIBE: Final = "describe"
SET_TAG: Final = "set a tag"
SET_MASKING_POLICY: Final = "set a masking policy"
SET_ROW_ACCESS_POLICY: Final = "set a row access policy"
ATTACH_MONITOR: Final = "attach a monitor"
ALTER_ACCOUNT: Final = "alter the account"
REPLICATE_DATABASES: Final = "replicate databases"
MANAGE_GRANTS: Final = "MANAGE GRANTS"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may have `asked` of objects of a kind (ANY: of all kinds that have no own row)."""

    kind: str
    asked: str
    page: str
    by: tuple[str, ...] = ()
    """Other privileges on the object that give it."""
    account: tuple[str, ...] = ()
    """Privileges on the account that give it."""
    role: str = ""
    """The system role that alone has it; nothing can be granted for it."""
    primary: bool = False
    """Whether only the primary role counts, with what it inherits."""
    confirmed: bool = True


def _of(
    kind: str, *asked: str, account: tuple[str, ...] = (), page: str = PRIVILEGES
) -> list[Rule]:
    return [Rule(kind, one, page, account=account) for one in asked]


_POLICIES: Final = ("APPLY MASKING POLICY", "APPLY ROW ACCESS POLICY")
_EXECUTION: Final = ("MONITOR EXECUTION",)

RULES: Final = (
    Rule(ANY, "OWNERSHIP", OVERVIEW),
    Rule(ANY, SEE, SHOW_GRANTS, account=(MANAGE_GRANTS, "RESOLVE ALL")),
    Rule(ANY, DESCRIBE, PRIVILEGES, confirmed=False),
    Rule(ANY, SET_TAG, TAGGING, account=("APPLY TAG",), confirmed=False),
    # the account
    Rule(ACCOUNT, CREATE, OVERVIEW, primary=True),
    Rule(
        ACCOUNT, "CREATE STORAGE INTEGRATION", PRIVILEGES, by=("CREATE INTEGRATION",), primary=True
    ),
    Rule(
        ACCOUNT,
        "CREATE NOTIFICATION INTEGRATION",
        PRIVILEGES,
        by=("CREATE INTEGRATION",),
        primary=True,
    ),
    Rule(ACCOUNT, "CREATE RESOURCE MONITOR", MONITORS, role="ACCOUNTADMIN", primary=True),
    Rule(ACCOUNT, ALTER_ACCOUNT, PRIVILEGES, role="ACCOUNTADMIN"),
    Rule(ACCOUNT, REPLICATE_DATABASES, REPLICATION, role="ACCOUNTADMIN"),
    Rule(ACCOUNT, "CREATE CONNECTION", CONNECTIONS, role="ACCOUNTADMIN", primary=True),
    *_of(ACCOUNT, "EXECUTE TASK", "EXECUTE MANAGED TASK", "EXECUTE ALERT", "EXECUTE MANAGED ALERT"),
    *_of(ACCOUNT, "IMPORT SHARE", "APPLY TAG"),
    *(
        Rule(ACCOUNT, f"APPLY {kind} POLICY", PRIVILEGES, by=("ATTACH POLICY",), confirmed=False)
        for kind in ("AUTHENTICATION", "PASSWORD", "SESSION")
    ),
    # warehouses
    Rule("WAREHOUSE", "USAGE", PRIVILEGES),
    *_of("WAREHOUSE", "MODIFY", "MONITOR", "OPERATE", account=("MANAGE WAREHOUSES",)),
    Rule("WAREHOUSE", ATTACH_MONITOR, MONITORS, role="ACCOUNTADMIN"),
    Rule("WAREHOUSE", SEE, CONFIGURE, account=("MANAGE WAREHOUSES", "MONITOR USAGE")),
    # other account objects
    *_of("RESOURCE MONITOR", "MODIFY", "MONITOR", page=MONITORS),
    *_of("INTEGRATION", "USAGE"),
    *_of("NETWORK POLICY", "USAGE"),
    *_of("USER", "MONITOR", account=("MONITOR USER",)),
    Rule("USER", SEE, PRIVILEGES, account=("MONITOR USER",), confirmed=False),
    Rule("SHARE", SEE, PRIVILEGES, account=("IMPORT SHARE",)),
    # replication
    *_of("FAILOVER GROUP", "FAILOVER", "MODIFY", "MONITOR", "REPLICATE", page=REPLICATION),
    *_of("REPLICATION GROUP", "MODIFY", "MONITOR", "REPLICATE", page=REPLICATION),
    *_of("CONNECTION", "FAILOVER", page=CONNECTIONS),
    # databases and schemas
    *_of("DATABASE", "USAGE", "MODIFY", "MONITOR", "APPLYBUDGET"),
    Rule("DATABASE", CREATE, PRIVILEGES, primary=True),
    Rule("DATABASE", DESCRIBE, PRIVILEGES, by=("MONITOR",)),
    Rule("DATABASE", SEE, CONFIGURE, account=("MONITOR USAGE",)),
    *_of("SCHEMA", "USAGE", "MODIFY", "MONITOR", "APPLYBUDGET"),
    Rule("SCHEMA", CREATE, OVERVIEW, primary=True),
    Rule("SCHEMA", DESCRIBE, PRIVILEGES, by=("MONITOR",)),
    # tables and views
    *_of("TABLE", "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"),
    *_of("TABLE", "APPLYBUDGET"),
    *_of("VIEW", "SELECT", "REFERENCES"),
    *(
        Rule(kind, SEE, PRIVILEGES, account=(*_POLICIES, "APPLY TAG"), confirmed=False)
        for kind in ("TABLE", "VIEW")
    ),
    *(
        Rule(kind, SET_MASKING_POLICY, MASKING, account=_POLICIES[:1], confirmed=False)
        for kind in ("TABLE", "VIEW")
    ),
    *(
        Rule(kind, SET_ROW_ACCESS_POLICY, ROW_ACCESS, account=_POLICIES[1:])
        for kind in ("TABLE", "VIEW")
    ),
    # what loads and runs
    *_of("STAGE", "READ", "WRITE", "USAGE"),
    *_of("FILE FORMAT", "USAGE"),
    *_of("PROCEDURE", "USAGE"),
    *_of("SECRET", "READ", "USAGE"),
    *_of("STREAM", "SELECT"),
    *(
        Rule(kind, "MONITOR", PRIVILEGES, by=("OPERATE",), account=_EXECUTION)
        for kind in ("PIPE", "TASK")
    ),
    *(
        Rule(kind, DESCRIBE, PRIVILEGES, by=("MONITOR", "OPERATE"), account=_EXECUTION)
        for kind in ("PIPE", "TASK")
    ),
    *(Rule(kind, SEE, PRIVILEGES, account=_EXECUTION) for kind in ("PIPE", "TASK")),
    Rule("ALERT", "MONITOR", PRIVILEGES, by=("OPERATE",)),
    Rule("ALERT", DESCRIBE, PRIVILEGES, by=("MONITOR", "OPERATE")),
    *(Rule(kind, "OPERATE", PRIVILEGES) for kind in ("PIPE", "TASK", "ALERT")),
    *(Rule(kind, "APPLYBUDGET", PRIVILEGES) for kind in ("PIPE", "TASK", "WAREHOUSE", "TAG")),
    # governance
    Rule("TAG", "APPLY", TAGGING, account=("APPLY TAG",)),
    Rule("TAG", SEE, TAGGING, account=("APPLY TAG",), confirmed=False),
    Rule("MASKING POLICY", "APPLY", MASKING, account=_POLICIES[:1]),
    Rule("MASKING POLICY", SEE, MASKING, account=_POLICIES[:1]),
    Rule("ROW ACCESS POLICY", "APPLY", ROW_ACCESS, account=_POLICIES[1:]),
    Rule("ROW ACCESS POLICY", SEE, ROW_ACCESS, account=_POLICIES[1:]),
    *(
        Rule(f"{kind} POLICY", asked, PRIVILEGES, account=(f"APPLY {kind} POLICY",))
        for kind in ("AUTHENTICATION", "PASSWORD", "SESSION")
        for asked in ("APPLY", SEE)
    ),
)
"""All rows; a kind and what is asked name one."""

_BY_KEY: Final = {(rule.kind, rule.asked): rule for rule in RULES}


def rule_for(kind: str, asked: str) -> Rule | None:
    """The row that decides; None where there is none, and nobody may."""
    own = _BY_KEY.get((kind, asked))
    if own is None and asked.startswith("CREATE "):
        own = _BY_KEY.get((kind, CREATE))
    return own or _BY_KEY.get((ANY, asked))
