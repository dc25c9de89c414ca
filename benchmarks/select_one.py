"""`SELECT 1` over the ordinary connector; the budget is 5 ms at the median.

The peer is a bare HTTP request to the same server: what is above it is the connector's and ours.
"""

from __future__ import annotations

from http.client import HTTPConnection

from benchmarks.measure import repeat, say
from benchmarks.scratch import connect, sandbox
from cli.target import ask

CALLS = 300


def main() -> None:
    """Measure and print."""
    with sandbox() as (connection, _), connect(connection) as account:
        query = repeat(lambda: ask(account, "SELECT 1"), CALLS)
        http = HTTPConnection(connection.snowflake.host, connection.snowflake.port)

        def bare() -> None:
            http.request("GET", "/no-such-path")
            http.getresponse().read()

        peer = repeat(bare, CALLS)
    say(
        "SELECT 1 over the connector (budget: median under 5 ms)",
        query.in_words(),
        f"a bare HTTP request to the same server: {peer.in_words()}",
        f"ratio of the medians: {query.median / peer.median:.1f}",
    )


if __name__ == "__main__":
    main()
