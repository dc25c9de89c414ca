"""Future grants: declared on a database or schema, turned into grants when an object is created.

If a schema has any future grant for a type of object, those of its database for that type do not
count there. https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#future-grants-on-database-or-schema-objects
"""

from __future__ import annotations

from datetime import datetime

from sandbox.snowflake.access.grant import OWNERSHIP, FutureGrant
from sandbox.snowflake.access.index import Index
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS future_grants (
  container INTEGER, type TEXT, privilege TEXT, grantee INTEGER, option INTEGER, created TEXT,
  PRIMARY KEY (container, type, privilege, grantee)
) WITHOUT ROWID
"""


class FutureRegister:
    """Keeps future grants by container and by grantee."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._within: Index[FutureGrant] = Index(lambda row: row.container, lambda row: row.key)
        self._to: Index[FutureGrant] = Index(lambda row: row.grantee, lambda row: row.key)
        with store.lock:
            store.database.execute(_SCHEMA)
        store.on_reload(self._load)

    def within(self, container_id: int) -> list[FutureGrant]:
        """All future grants of a database or schema."""
        return self._within.of(container_id)

    def to(self, grantee_id: int) -> list[FutureGrant]:
        """All future grants to a role."""
        return self._to.of(grantee_id)

    def put(self, grant: FutureGrant) -> None:
        """Keep a future grant. A type has one future owner in a container: the latest."""
        if grant.privilege == OWNERSHIP:
            for other in self.within(grant.container):
                if (other.type, other.privilege) == (grant.type, OWNERSHIP):
                    self.remove(other)
        for index in (self._within, self._to):
            index.put(grant)
        self._store.database.execute(
            "INSERT OR REPLACE INTO future_grants VALUES (?, ?, ?, ?, ?, ?)",
            (*grant.key, int(grant.option), grant.created_on.isoformat()),
        )

    def remove(self, grant: FutureGrant) -> None:
        """Forget a future grant; grants that came of it stay."""
        for index in (self._within, self._to):
            index.discard(grant)
        self._store.database.execute(
            "DELETE FROM future_grants"
            " WHERE container = ? AND type = ? AND privilege = ? AND grantee = ?",
            grant.key,
        )

    def forget(self, record_id: int) -> None:
        """Forget all future grants in or to a record that is gone."""
        for grant in (*self.within(record_id), *self.to(record_id)):
            self.remove(grant)

    def matching(self, record: Record) -> list[FutureGrant]:
        """The future grants that a new object gets; the schema's shadow the database's."""
        schema = self._store.find("SCHEMA", record.path[:2]) if len(record.path) == 3 else None
        if schema is not None:
            own = self._for_type(schema, record.kind)
            if own:
                return own
        database = self._store.find("DATABASE", record.path[:1]) if len(record.path) > 1 else None
        found = self._for_type(database, record.kind) if database is not None else []
        if schema is not None and schema.properties.get("MANAGED ACCESS"):
            return [grant for grant in found if grant.privilege != OWNERSHIP]
        return found

    def _for_type(self, container: Record, kind: str) -> list[FutureGrant]:
        return [grant for grant in self._within.of(container.id) if grant.type == kind]

    def _load(self) -> None:
        rows = [
            FutureGrant(
                row[0], row[1], row[2], row[3], bool(row[4]), datetime.fromisoformat(row[5])
            )
            for row in self._store.database.execute("SELECT * FROM future_grants")
        ]
        for index in (self._within, self._to):
            index.fill(rows)
