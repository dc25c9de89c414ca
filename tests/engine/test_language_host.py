"""The language host over real gRPC: a process as the engine starts it, and an engine's two servers
(resource monitor, log) that collect what a program says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    language_pb2,
    language_pb2_grpc,
    resource_pb2,
)

HOST_MAIN = "from engine.languagehost.server import main; main()"
PROGRAM = """
import pulumi
config = pulumi.Config()
pulumi.export("answer", config.require_int("answer"))
pulumi.export("dry", pulumi.runtime.is_dry_run())
"""


class Engine:
    """The engine's side: what was registered and logged."""

    def __init__(self) -> None:
        self.outputs: dict[str, Any] = {}
        self.errors: list[str] = []
        self.server = grpc.server(ThreadPoolExecutor(8))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        for service, calls in (
            (resource_pb2.DESCRIPTOR.services_by_name["ResourceMonitor"], self._monitor()),
            (engine_pb2.DESCRIPTOR.services_by_name["Engine"], self._log()),
        ):
            handler = grpc.method_handlers_generic_handler(service.full_name, calls)
            self.server.add_generic_rpc_handlers((handler,))
        self.server.start()

    def _monitor(self) -> dict[str, Any]:
        def register(request: Any, context: Any) -> Any:
            return resource_pb2.RegisterResourceResponse(urn=f"urn::{request.name}")

        def register_outputs(request: Any, context: Any) -> Any:
            self.outputs = dict(request.outputs)
            return empty_pb2.Empty()

        return {
            "SupportsFeature": _call(
                lambda request, context: resource_pb2.SupportsFeatureResponse(hasSupport=False),
                resource_pb2.SupportsFeatureRequest,
            ),
            "RegisterResource": _call(register, resource_pb2.RegisterResourceRequest),
            "RegisterResourceOutputs": _call(
                register_outputs, resource_pb2.RegisterResourceOutputsRequest
            ),
        }

    def _log(self) -> dict[str, Any]:
        def log(request: Any, context: Any) -> Any:
            if request.severity == engine_pb2.ERROR:
                self.errors.append(request.message)
            return empty_pb2.Empty()

        def same(request: Any, context: Any) -> Any:
            return engine_pb2.SetRootResourceResponse()

        return {
            "Log": _call(log, engine_pb2.LogRequest),
            "SetRootResource": _call(same, engine_pb2.SetRootResourceRequest),
        }


def _call(method: Any, request: Any) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        method,
        request_deserializer=request.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


@pytest.fixture
def engine_side() -> Iterator[Engine]:
    """An engine that collects."""
    side = Engine()
    yield side
    side.server.stop(None).wait()


@pytest.fixture
def process(engine_side: Engine) -> Iterator["subprocess.Popen[str]"]:
    """The language host as a process group of its own, as the engine starts plugins."""
    host = subprocess.Popen(
        [sys.executable, "-c", HOST_MAIN, engine_side.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with host:
        yield host
        if host.poll() is None:
            os.killpg(host.pid, signal.SIGINT)


@pytest.fixture
def host(process: "subprocess.Popen[str]") -> Iterator[Any]:
    """A client of the running host."""
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose program is in the folder `infra`."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "__main__.py").write_text(PROGRAM)
    return tmp_path


def _info(folder: Path, program: str = "infra") -> language_pb2.ProgramInfo:
    options = struct_pb2.Struct()
    options.update({"virtualenv": sys.prefix})
    return language_pb2.ProgramInfo(
        root_directory=str(folder),
        program_directory=str(folder / program),
        entry_point=".",
        options=options,
    )


def _run(host: Any, engine_side: Engine, folder: Path) -> Any:
    return host.Run(
        language_pb2.RunRequest(
            project="tiny",
            stack="test",
            pwd=str(folder / "infra"),
            config={"tiny:answer": "42"},
            dryRun=True,
            parallel=4,
            monitor_address=engine_side.address,
            info=_info(folder),
        )
    )


def test_a_program_runs_with_its_configuration(
    host: Any, engine_side: Engine, project: Path
) -> None:
    response = _run(host, engine_side, project)
    assert (response.error, response.bail) == ("", False)
    assert engine_side.outputs == {"answer": 42.0, "dry": True}


def test_an_exception_is_told_once_from_the_program_on(
    host: Any, engine_side: Engine, project: Path
) -> None:
    (project / "infra" / "__main__.py").write_text("1 / 0\n")
    response = _run(host, engine_side, project)
    assert (response.error, response.bail) == ("", True)
    assert len(engine_side.errors) == 1
    assert engine_side.errors[0].startswith(
        "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
        f'  File "{project}/infra/__main__.py", line 1'
    )


def test_a_syntax_error_is_told_without_the_frames_of_the_host(
    host: Any, engine_side: Engine, project: Path
) -> None:
    (project / "infra" / "__main__.py").write_text("x = = 1\n")
    assert _run(host, engine_side, project).bail
    assert "SyntaxError" in engine_side.errors[0]
    assert "program.py" not in engine_side.errors[0]


@pytest.mark.parametrize(
    "last_line", ["raise pulumi.RunError('bad region')", "raise SystemExit('bad region')"]
)
def test_an_error_with_only_a_text_is_told_as_that_text(
    host: Any, engine_side: Engine, project: Path, last_line: str
) -> None:
    (project / "infra" / "__main__.py").write_text(f"import pulumi\n{last_line}\n")
    assert _run(host, engine_side, project).bail
    assert engine_side.errors == ["bad region"]


def test_an_exit_code_is_named(host: Any, engine_side: Engine, project: Path) -> None:
    (project / "infra" / "__main__.py").write_text("raise SystemExit(3)\n")
    assert _run(host, engine_side, project).error == "the program exited with code 3"


def test_a_folder_without_a_program_is_named(host: Any, engine_side: Engine, project: Path) -> None:
    (project / "infra" / "__main__.py").unlink()
    assert _run(host, engine_side, project).bail
    assert engine_side.errors == [f"there is no program: {project}/infra has no __main__.py"]


def test_a_missing_environment_is_the_error_of_the_run(host: Any, project: Path) -> None:
    info = _info(project)
    info.options.update({"virtualenv": "nowhere"})
    response = host.Run(language_pb2.RunRequest(info=info))
    assert "nowhere is not there" in response.error


def test_a_plugin_streams_its_output_and_its_exit_code(host: Any, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__main__.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1], os.environ['GIVEN'], os.getcwd())\n"
        "print('trouble', file=sys.stderr)\n"
        "sys.exit(5)\n"
    )
    request = language_pb2.RunPluginRequest(
        pwd=str(tmp_path),
        args=["127.0.0.1:1"],
        env=["GIVEN=a=b"],
        kind="analyzer",
        info=_info(tmp_path, "pack"),
    )
    parts = list(host.RunPlugin(request))
    assert b"".join(part.stdout for part in parts) == f"127.0.0.1:1 a=b {tmp_path}\n".encode()
    assert b"".join(part.stderr for part in parts) == b"trouble\n"
    assert parts[-1].WhichOneof("output") == "exitcode"
    assert parts[-1].exitcode == 5


def test_a_cancelled_plugin_ends(host: Any, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__main__.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"
    )
    call = host.RunPlugin(language_pb2.RunPluginRequest(info=_info(tmp_path, "pack")))
    child = int(next(call).stdout)
    call.cancel()
    while Path(f"/proc/{child}").exists():
        time.sleep(0.01)


def test_the_plugins_of_the_installed_sdks_are_reported(host: Any, project: Path) -> None:
    request = language_pb2.GetRequiredPackagesRequest(info=_info(project))
    packages = host.GetRequiredPackages(request).packages
    assert {"github", "snowflake"} <= {package.name for package in packages}
    assert all(package.version.startswith("v") for package in packages)


def test_the_packages_of_the_program_are_listed(host: Any, project: Path) -> None:
    request = language_pb2.GetProgramDependenciesRequest(info=_info(project))
    names = [item.name for item in host.GetProgramDependencies(request).dependencies]
    assert "pulumi" in names
    assert names == sorted(names, key=str.lower)


def test_installing_dependencies_is_quiet_in_a_ready_environment(host: Any, project: Path) -> None:
    request = language_pb2.InstallDependenciesRequest(info=_info(project))
    assert list(host.InstallDependencies(request)) == []


def test_the_python_of_the_program_is_told(host: Any, project: Path) -> None:
    about = host.About(language_pb2.AboutRequest(info=_info(project)))
    assert about.executable == f"{sys.prefix}/bin/python"


def test_a_call_that_nobody_wrote_is_unimplemented(host: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        host.Pack(language_pb2.PackRequest())
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_interrupt_ends_the_host_and_its_program_without_a_word(
    host: Any, process: "subprocess.Popen[str]", engine_side: Engine, project: Path
) -> None:
    started = project / "started"
    (project / "infra" / "__main__.py").write_text(
        f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(60)\n"
    )
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_run, host, engine_side, project)
        while not started.exists():
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
        assert running.exception(30) is None or isinstance(running.exception(), grpc.RpcError)
    assert process.stderr is not None
    assert process.stderr.read() == ""
