"""What the platform keeps about its own running: the tables of the operations schema.

The transforming jobs write their results here, a task writes what columns stand, and alerts read
both. Times are UTC. Names and columns are fixed: jobs, alerts and people's queries use them.
"""

from typing import Annotated, Final, NamedTuple

from pydantic import Field

from infra.model.base import Fact
from infra.model.identifiers import Identifier


class Operations(Fact):
    """Where the tables, the alerts and the tasks are."""

    schema_: Annotated[Identifier, Field(alias="schema")]
    warehouse: Identifier
    """What alerts and tasks run on."""


class OperationsColumn(NamedTuple):
    """A column in Snowflake's own type."""

    name: str
    type: str
    comment: str


class OperationsTable(NamedTuple):
    """A table of the schema."""

    name: str
    comment: str
    columns: tuple[OperationsColumn, ...]


TEXT: Final = "VARCHAR(16777216)"
NUMBER: Final = "NUMBER(38,0)"
TIME: Final = "TIMESTAMP_NTZ(9)"

JOB_RUNS: Final = OperationsTable(
    "JOB_RUNS",
    "Each run of a job that builds or tests the models",
    (
        OperationsColumn("JOB", TEXT, "What was run: the command and what it selected"),
        OperationsColumn("INVOCATION_ID", TEXT, "The run's own id"),
        OperationsColumn("STATUS", TEXT, "success or failed"),
        OperationsColumn("STARTED_AT", TIME, "UTC"),
        OperationsColumn("FINISHED_AT", TIME, "UTC"),
        OperationsColumn("MESSAGE", TEXT, "What failed, and how many"),
    ),
)
TEST_RESULTS: Final = OperationsTable(
    "TEST_RESULTS",
    "Each test of each run",
    (
        OperationsColumn("INVOCATION_ID", TEXT, "The run it belongs to"),
        OperationsColumn("TEST", TEXT, "The test's name"),
        OperationsColumn("SEVERITY", TEXT, "critical, warning or empty: its tag"),
        OperationsColumn("STATUS", TEXT, "pass, warn, fail, error or skipped"),
        OperationsColumn("FAILURES", NUMBER, "Rows that break the rule"),
        OperationsColumn("MESSAGE", TEXT, "What the test said"),
        OperationsColumn("RUN_AT", TIME, "UTC"),
    ),
)
_COLUMNS: Final = (
    OperationsColumn("TABLE_NAME", TEXT, "With its schema"),
    OperationsColumn("COLUMN_NAME", TEXT, "The column"),
    OperationsColumn("DATA_TYPE", TEXT, "Its type at that time"),
    OperationsColumn("SNAPSHOT_AT", TIME, "UTC; the same for all rows of a snapshot"),
)
RAW_COLUMNS: Final = OperationsTable("RAW_COLUMNS", "What columns RAW had, each day", _COLUMNS)
MARKETPLACE_COLUMNS: Final = OperationsTable(
    "MARKETPLACE_COLUMNS", "What columns the Marketplace's databases had, each week", _COLUMNS
)
LINEAGE: Final = OperationsTable(
    "LINEAGE",
    "What each model read, at each build",
    (
        OperationsColumn("INVOCATION_ID", TEXT, "The run it belongs to"),
        OperationsColumn("MODEL", TEXT, "The model"),
        OperationsColumn("DEPENDS_ON", TEXT, "A model or source that it reads"),
        OperationsColumn("RUN_AT", TIME, "UTC; the same for all rows of a run"),
    ),
)
TABLES: Final = (JOB_RUNS, TEST_RESULTS, LINEAGE, RAW_COLUMNS, MARKETPLACE_COLUMNS)
