"""Databases that were made from a share: read-only, and always as the provider has them now.

The rows are the provider's; this account keeps a copy, and renews it before its next statement once
anything changed in another account. A share that is withdrawn leaves a database that says so.
https://docs.snowflake.com/en/user-guide/data-share-consumers
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.access.rules import DESCRIBE
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sharing import shares

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account
    from sandbox.snowflake.catalog.store import Store

FROM_SHARE: Final = "FROM_SHARE"
"""On databases: `[org, account, share]`."""
_SNOWFLAKE: Final = "SNOWFLAKE"
_GONE: Final = "SHARE_IS_GONE"
_DOUBT: Final = "imports_in_doubt"
_READING: Final = frozenset(("SELECT", "USAGE", "REFERENCES", "MONITOR", "READ", DESCRIBE))


class ShareGoneError(SnowflakeError):
    """A read of a database whose share was withdrawn."""

    code = "003030"
    sqlstate = "02000"

    def __init__(self) -> None:
        super().__init__(
            "SQL compilation error:\nShared database is no longer available for use. It will need "
            "to be re-created if and when the publisher makes it available again."
        )


class ImportedPrivilegesError(SnowflakeError):
    """GRANT of single privileges on an imported database, or of imported ones on another."""

    code = "003060"
    sqlstate = "42601"

    def __init__(self, *, shared: bool) -> None:
        words = (
            "Granting individual privileges on imported database is not allowed. "
            "Use 'GRANT IMPORTED PRIVILEGES' instead."
            if shared
            else "IMPORTED PRIVILEGES can be granted on imported databases only."
        )
        super().__init__(f"SQL compilation error:\n{words}")


class ReadOnlyError(SnowflakeError):
    """A change of something in an imported database."""

    code = "003001"
    sqlstate = "42501"

    def __init__(self, record: Record) -> None:
        super().__init__(
            "SQL access control error:\n"
            f"Insufficient privileges to operate on {record.kind.lower()} '{record.name}'."
        )


def imported(store: Store, name: str) -> Record | None:
    """The imported database of that name."""
    record = store.find("DATABASE", (name,))
    return record if record is not None and record.properties.get(FROM_SHARE) else None


def check_demand(store: Store, privilege: str, record: Record | None) -> None:
    """ReadOnlyError for a privilege that nobody has in an imported database.

    The database itself may be renamed, commented on and dropped.
    """
    if record is None or privilege in _READING or imported(store, record.path[0]) is None:
        return
    if record.kind in ("DATABASE", "SCHEMA", "TABLE", "VIEW") and (
        record.kind != "DATABASE" or privilege.startswith("CREATE")
    ):
        raise ReadOnlyError(record)


def check_imported(store: Store, wanted: tuple[str, ...], record: Record | None) -> None:
    """An imported database takes IMPORTED PRIVILEGES only, and no other one takes them.

    https://docs.snowflake.com/en/user-guide/data-share-consumers#granting-privileges-on-a-shared-database
    """
    if record is None or (len(record.path) == 1 and record.kind != "DATABASE"):
        return
    known = store.find("DATABASE", record.path[:1])
    if known is None or (len(record.path) > 1 and known.name == _SNOWFLAKE):
        return
    shared = known.name == _SNOWFLAKE or bool(known.properties.get(FROM_SHARE))
    if ("IMPORTED PRIVILEGES" in wanted) != shared:
        raise ImportedPrivilegesError(shared=shared)


class Imports:
    """Keeps the imported databases of one account up to date."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._in_doubt = account.store.setting(_DOUBT) == "yes"

    def doubt(self) -> None:
        """A provider changed something: look before the next statement."""
        if not self._in_doubt and self._databases():
            self._in_doubt = True
            self._account.store.keep_setting(_DOUBT, "yes")

    def refresh(self) -> None:
        """Bring every imported database up to date, if any may not be."""
        if not self._in_doubt:
            return
        with self._lock:
            if not self._in_doubt:
                return
            self._in_doubt = False
            with self._account.store.transaction():
                for database in self._databases():
                    self.renew(database)
                self._account.store.keep_setting(_DOUBT, "no")

    def check_readable(self, name: str) -> None:
        """ShareGoneError for an imported database that is no longer shared."""
        record = imported(self._account.store, name)
        if record is not None and record.properties.get(_GONE):
            raise ShareGoneError

    def renew(self, database: Record) -> None:
        """Make an imported database what its share says."""
        found = shares.find_inbound(self._account, tuple(database.properties[FROM_SHARE]))
        database.properties[_GONE] = found is None
        self._account.store.save(database)
        wanted: dict[tuple[str, ...], tuple[Account, Record]] = {}
        if found is not None:
            provider, share = found
            for record in shares.shared_objects(provider, share):
                wanted[(database.name, *record.path[1:])] = (provider, record)
        self._drop_others(database, wanted)
        for path, (provider, record) in wanted.items():
            self._put(database, path, provider, record)

    def _databases(self) -> list[Record]:
        found = self._account.store.each("DATABASE")
        return [record for record in found if record.properties.get(FROM_SHARE)]

    def _drop_others(self, database: Record, wanted: dict[tuple[str, ...], Any]) -> None:
        store, data = self._account.store, self._account.data
        schemas = {path[:2] for path in wanted}
        for record in store.descendants(database.path):
            if record.kind in ("TABLE", "VIEW") and record.path not in wanted:
                data.drop_shared(ObjectName(*record.path))
                store.remove(record)
                self._account.access.object_dropped(record)
        for record in store.inside(database.path):
            if record.kind == "SCHEMA" and record.path not in schemas:
                data.drop_schema(*record.path)
                store.remove(record)
                self._account.access.object_dropped(record)

    def _put(
        self, database: Record, path: tuple[str, ...], provider: Account, source: Record
    ) -> None:
        store, data, now = self._account.store, self._account.data, self._account.now()
        if store.find("SCHEMA", path[:2]) is None:
            data.create_schema(*path[:2])
            store.add("SCHEMA", path[:2], database.owner, now, {"COMMENT": ""})
        shared = provider.data.read_shared(ObjectName(*source.path))
        data.write_shared(ObjectName(*path), shared, source.kind)
        kept = {name: source.properties.get(name) for name in ("COMMENT", "SECURE")}
        record = store.find("TABLE", path)
        if record is None or record.kind != source.kind:
            if record is not None:
                store.remove(record)
            store.add(source.kind, path, database.owner, source.created_on, kept)
        else:
            record.properties |= kept
            store.save(record)
