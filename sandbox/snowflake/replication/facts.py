"""The names under which groups and replicated databases keep their facts."""

from __future__ import annotations

from typing import Final

TYPES: Final = "OBJECT_TYPES"
DATABASES: Final = "ALLOWED_DATABASES"
SHARES: Final = "ALLOWED_SHARES"
INTEGRATIONS: Final = "ALLOWED_INTEGRATION_TYPES"
SCHEDULE: Final = "REPLICATION_SCHEDULE"
STATE: Final = "SECONDARY_STATE"
STARTED: Final = "STARTED"
SUSPENDED: Final = "SUSPENDED"
SINCE: Final = "SCHEDULED_SINCE"
"""From when the intervals of a secondary's schedule count, as ISO text."""
REPLICATION: Final = "REPLICATION_ALLOWED_TO_ACCOUNTS"
"""On databases: what ALTER DATABASE … ENABLE REPLICATION named."""
FAILOVER: Final = "FAILOVER_ALLOWED_TO_ACCOUNTS"
"""On databases and connections: the accounts that may become primary."""
GROUPS: Final = ("FAILOVER GROUP", "REPLICATION GROUP")
