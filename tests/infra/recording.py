"""Runs the program on the mocks of Pulumi's SDK, and prints what it registered.

`recording.py STACK ROOT`, with ROOT the tree whose facts are deployed.

A process of its own, because the mocks change the SDK for good and leave their event loops open.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from pulumi.runtime import rpc, set_mocks
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func

from infra import settings
from infra.deploy import deploy as deploy_foundation
from infra.stack import StackKind
from infra.workspace import deploy as deploy_workspace

COMPUTED: dict[str, dict[str, Any]] = {
    "snowflake:index/storageIntegration:StorageIntegration": {
        "storageAwsIamUserArn": "arn:aws:iam::999999999999:user/snowflake",
        "storageAwsExternalId": "LEAP_SFCRole=1",
    },
    "snowflake:index/pipe:Pipe": {"notificationChannel": "arn:aws:sqs:us-east-1:999999999999:p"},
    "pulumi-python:dynamic/snowflake:ReplicatedIntegration": {
        "user_arn": "arn:aws:iam::888888888888:user/snowflake",
        "external_id": "LEAP_SFCRole=2",
    },
    "pulumi-python:dynamic/aws:Queue": {"arn": "arn:aws:sqs:us-east-1:123456789012:q", "url": "u"},
}
NUMBERS = {"github:index/team:Team": "7"}
"""Ids of what the vendor numbers."""


class Answers(Mocks):
    """An account that makes whatever it is asked to."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        given = NUMBERS.get(args.typ, f"{args.name}-id")
        return given, dict(args.inputs) | COMPUTED.get(args.typ, {})

    def call(self, _args: MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None


class Recorder(MockMonitor):
    """Keeps each registration as the engine would get it."""

    def __init__(self) -> None:
        super().__init__(Answers())
        self.registrations: list[dict[str, Any]] = []

    def RegisterResource(  # noqa: N802  # the protocol's own name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        register: Any = super().RegisterResource
        answer: resource_pb2.RegisterResourceResponse = register(request)
        inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
        inputs.pop("__provider", None)
        self.registrations.append(
            {
                "urn": _as_the_engine_writes_it(answer.urn),
                "type": request.type,
                "name": request.name,
                "inputs": inputs,
                "protect": request.protect,
                "provider": request.provider,
                "dependencies": [_as_the_engine_writes_it(d) for d in request.dependencies],
            }
        )
        return answer


def _as_the_engine_writes_it(urn: str) -> str:
    return urn.replace("pulumi:pulumi:Stack$", "")


def main(stack: str, root: Path) -> None:
    """Prints the registrations of a stack as JSON."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder = Recorder()
    set_mocks(Answers(), project="leap", stack=stack, preview=False, monitor=recorder)
    loaded = settings.load(root, stack)
    foundation = loaded.stack.kind is StackKind.FOUNDATION
    deploy = deploy_foundation if foundation else deploy_workspace
    asyncio.get_event_loop().run_until_complete(run_pulumi_func(lambda: deploy(loaded)))
    json.dump(recorder.registrations, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
