"""The engine itself: a project with a dynamic provider, by the bare command, and a policy pack."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import engine
from cli.deployment.lock import in_session
from engine import schema

pytestmark = pytest.mark.engine

Pulumi = Callable[..., "subprocess.CompletedProcess[str]"]

PROJECT = f"""\
name: scratch
runtime:
  name: python
  options:
    virtualenv: {sys.prefix}
main: infra
"""

PROGRAM = """\
import pulumi
from thing import Thing

thing = Thing("one", size=pulumi.Config().require_int("size"))
pulumi.export("size", thing.size)
"""

THING = """\
import pulumi
from pulumi import dynamic


class Provider(dynamic.ResourceProvider):
    def create(self, props):
        return dynamic.CreateResult("thing", {"size": props["size"]})

    def diff(self, id_, olds, news):
        return dynamic.DiffResult(changes=olds["size"] != news["size"])

    def update(self, id_, olds, news):
        return dynamic.UpdateResult({"size": news["size"]})


class Thing(dynamic.Resource):
    size: pulumi.Output[int]

    def __init__(self, name, size):
        super().__init__(Provider(), name, {"size": size})
"""

# A pack that needs no package but the SDK: it answers the analyzer protocol as the engine asks it.
PACK = """\
import sys, threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto, analyzer_pb2_grpc, plugin_pb2


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="1.0.0")

    def GetAnalyzerInfo(self, request, context):
        return proto.AnalyzerInfo(name="sizes", version="1.0.0")

    def Configure(self, request, context):
        return empty_pb2.Empty()

    def Analyze(self, request, context):
        size = dict(request.properties).get("size", 0)
        found = []
        if size > 4:
            found.append(proto.AnalyzeDiagnostic(
                policyName="small-things", policyPackName="sizes", policyPackVersion="1.0.0",
                message=f"size {size:.0f} is more than 4", enforcementLevel=proto.MANDATORY,
                urn=request.urn,
            ))
        return proto.AnalyzeResponse(diagnostics=found)

    def AnalyzeStack(self, request, context):
        return proto.AnalyzeResponse()


server = grpc.server(ThreadPoolExecutor(4))
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Pack(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
threading.Event().wait()
"""


@pytest.fixture(scope="session")
def toolchain() -> engine.Toolchain:
    """The engine of this machine; built now when it was not before."""
    return engine.install()


@pytest.fixture
def variables(toolchain: engine.Toolchain, tmp_path: Path) -> dict[str, str]:
    """The variables of a shell in the scratch project, with a state of its own."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "LEAP_"))}
    state = tmp_path / ".leap" / "state"
    return base | toolchain.environment(tmp_path) | {"PULUMI_BACKEND_URL": f"file://{state}"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The scratch project's folder."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "infra" / "__main__.py").write_text(PROGRAM)
    (tmp_path / "infra" / "thing.py").write_text(THING)
    return tmp_path


@pytest.fixture
def pulumi(project: Path, variables: dict[str, str]) -> Pulumi:
    """Runs the bare command in the project, on the stack `test` with size 3."""

    def run(*arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=project,
            env=variables,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    run("stack", "init", "test")
    run("config", "set", "size", "3")
    return run


def test_a_stack_is_created_kept_and_destroyed_by_the_bare_command(pulumi: Pulumi) -> None:
    assert "2 to create" in pulumi("preview").stdout
    pulumi("up", "--yes")
    pulumi("preview", "--expect-no-changes")
    pulumi("refresh", "--yes", "--expect-no-changes")
    pulumi("config", "set", "size", "4")
    assert "1 updated" in pulumi("up", "--yes").stdout
    assert pulumi("stack", "output", "size").stdout.strip() == "4"
    assert "2 deleted" in pulumi("destroy", "--yes").stdout


def test_a_run_says_nothing_that_is_not_about_the_program(pulumi: Pulumi) -> None:
    done = pulumi("preview")
    assert "warning" not in done.stdout
    assert "Traceback" not in done.stdout
    assert done.stderr == ""


def test_an_exception_is_shown_once(pulumi: Pulumi, project: Path) -> None:
    (project / "infra" / "__main__.py").write_text("raise ValueError('nothing fits')\n")
    shown = pulumi("preview", code=1).stdout
    assert shown.count("ValueError: nothing fits") == 1
    assert "languagehost" not in shown


def test_a_policy_pack_denies_by_name(pulumi: Pulumi, project: Path) -> None:
    pack = project / "pack"
    pack.mkdir()
    (pack / "__main__.py").write_text(PACK)
    (pack / "PulumiPolicy.yaml").write_text(
        f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
    )
    pulumi("preview", "--policy-pack", "pack")
    pulumi("config", "set", "size", "5")
    shown = pulumi("preview", "--policy-pack", "pack", code=1).stdout
    assert "small-things" in shown
    assert "size 5 is more than 4" in shown


def test_an_interrupted_preview_ends_quietly(
    pulumi: Pulumi, project: Path, variables: dict[str, str]
) -> None:
    started = project / "started"
    (project / "infra" / "__main__.py").write_text(
        f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(120)\n"
    )
    command = ["pulumi", "preview", "--non-interactive"]
    running = subprocess.Popen(
        command, cwd=project, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    while not started.exists():
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    shown = running.communicate(timeout=60)[0].decode()
    assert running.returncode != 0
    assert "Traceback" not in shown
    assert "preview canceled" in shown


def test_a_killed_engine_leaves_nobody_and_what_was_begun_is_ended(
    pulumi: Pulumi, project: Path, variables: dict[str, str]
) -> None:
    begun, go_on, ended = (project / name for name in ("begun", "go-on", "ended"))
    waiting = (
        f"open({str(begun)!r}, 'w').close()\n"
        f"        while not os.path.exists({str(go_on)!r}): time.sleep(0.05)\n"
        f"        open({str(ended)!r}, 'w').close()\n"
        "        return dynamic.CreateResult"
    )
    slow = THING.replace("return dynamic.CreateResult", waiting)
    (project / "infra" / "thing.py").write_text(f"import os, time\n{slow}")
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    running = subprocess.Popen(
        command, cwd=project, env=variables, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while not begun.exists():
        assert running.poll() is None
        time.sleep(0.05)
    assert len(in_session(running.pid)) > 1
    running.kill()
    running.wait()
    go_on.touch()
    while in_session(running.pid):
        time.sleep(0.05)
    assert ended.exists()


def test_every_plugin_gives_its_schema_to_the_engine(
    toolchain: engine.Toolchain, variables: dict[str, str], project: Path
) -> None:
    program = toolchain.program("pulumi-resource-snowflake")
    assert program is not None
    done = subprocess.run(
        ["pulumi", "package", "get-schema", str(program.path)],
        cwd=project,
        env=variables,
        capture_output=True,
        check=True,
    )
    resources: dict[str, Any] = json.loads(done.stdout)["resources"]
    assert "warehouseSize" in resources["snowflake:index/warehouse:Warehouse"]["inputProperties"]


def test_a_property_that_only_the_sdk_knows_is_found(toolchain: engine.Toolchain) -> None:
    # https://www.pulumi.com/registry/packages/snowflake/api-docs/warehouse/ has it since 2.13
    warehouse = {"name": "W", "warehouseSize": "XSMALL", "generation": "2"}
    found = schema.unknown_properties(
        [("snowflake:index/warehouse:Warehouse", warehouse)], toolchain
    )
    plugin = toolchain.program("pulumi-resource-snowflake")
    assert plugin is not None
    expected = ["generation"] if plugin.origin is engine.Origin.BUILT else []
    assert [item.path for item in found] == expected
