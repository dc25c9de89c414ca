"""What a database or schema held at a point in the past, for CLONE … AT | BEFORE.

What stands today and stood then is cloned as it was then; what was dropped since is not found.
https://docs.snowflake.com/en/user-guide/object-clone
"""

from __future__ import annotations

from sandbox.snowflake import retention
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.moment import Moment, NoDataThenError
from sandbox.snowflake.sql.names import dotted


class Then:
    """Says of each object whether it goes along; `ignore` passes over tables that reach not so far
    back, which are an error otherwise.
    """

    def __init__(self, context: Context, moment: Moment, ignore: bool) -> None:
        self._context = context
        self._moment = moment
        self._ignore = ignore
        self.serials: dict[ObjectName, int] = {}
        """The version of each table that goes along."""

    def check(self, source: Record) -> None:
        """NoDataThenError for a container that was not there yet, or is not kept so long."""
        if not self._kept(source) or source.created_on > self._moment.at:
            raise NoDataThenError(source.kind.lower(), dotted(source.path))

    def had(self, item: Record) -> bool:
        """Whether the object stood then."""
        if item.created_on > self._moment.at:
            return False
        if item.kind != "TABLE":
            return True
        if not self._kept(item):
            if self._ignore:
                return False
            raise NoDataThenError("table", item.name)
        name = stored(item)
        serial = self._context.account.data.cloner.serial(name, self._moment)
        if serial is not None:
            self.serials[name] = serial
        return serial is not None

    def _kept(self, record: Record) -> bool:
        context = self._context
        days = retention.days(context.store, context.account.parameters, record)
        return self._moment.is_kept(days)


def stored(record: Record) -> ObjectName:
    """The name of a table or view on the data plane."""
    return ObjectName(*record.path)
