"""Memory of a sandbox that has started, answered one client and idles; the budget is 400 MB."""

from __future__ import annotations

import time

import boto3

from benchmarks.measure import say
from benchmarks.memory import memory_of
from benchmarks.scratch import connect, sandbox
from cli.target import ask


def main() -> None:
    """Measure and print."""
    with sandbox() as (connection, _):
        with connect(connection) as account:
            ask(account, "SELECT 1")
        aws = connection.aws
        boto3.client(
            "s3",
            endpoint_url=aws.endpoint_url,
            region_name=aws.region,
            aws_access_key_id=aws.access_key_id,
            aws_secret_access_key=aws.secret_access_key,
        ).create_bucket(Bucket="scratch")
        time.sleep(5)
        now = memory_of(connection.pid)
        peak = memory_of(connection.pid, "VmHWM")
    say("Idle sandbox (budget: 400 MB)", f"{now} MB resident, {peak} MB at its peak")


if __name__ == "__main__":
    main()
