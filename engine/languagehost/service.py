"""What the language host answers: one method for each call of the protocol `LanguageRuntime`.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto
Deliberately absent: generating SDKs and programs, packing, linking and templates; the engine hears
UNIMPLEMENTED for a call without a method here.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2 as proto
from pulumi.runtime.proto import plugin_pb2

from engine.languagehost.child import Children, Stream, chunks
from engine.languagehost.interpreter import Interpreter, InterpreterError, choose
from engine.languagehost.packages import installed, plugin_needs
from engine.languagehost.program import TOLD
from engine.languagehost.version import VERSION

PROGRAM: Final = Path(__file__).with_name("program.py")
USUAL_ORGANIZATION: Final = "organization"  # what backends without organizations call theirs


class LanguageHost:
    """Serves one engine; `engine_address` is where a program's log messages go."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self.children = Children()

    def handshake(self, request: proto.LanguageHandshakeRequest, context: Any) -> Any:
        """The engine says where it is, in place of the address of the command line."""
        self._engine_address = request.engine_address or self._engine_address
        return proto.LanguageHandshakeResponse()

    def get_plugin_info(self, request: Empty, context: Any) -> Any:
        """The version of this host."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def about(self, request: proto.AboutRequest, context: Any) -> Any:
        """The Python that programs run under (`pulumi about` prints it)."""
        try:
            python = _interpreter(request.info).python
        except InterpreterError:
            python = Path(sys.executable)
        version = ".".join(str(part) for part in sys.version_info[:3])
        return proto.AboutResponse(executable=str(python), version=version)

    def get_required_packages(self, request: proto.GetRequiredPackagesRequest, context: Any) -> Any:
        """The plugins that the installed SDKs ask for; the engine fetches what it lacks."""
        packages = [
            plugin_pb2.PackageDependency(
                name=need.name, kind="resource", version=need.version, server=need.server
            )
            for need in plugin_needs(_interpreter(request.info).site_packages())
        ]
        return proto.GetRequiredPackagesResponse(packages=packages)

    def get_required_plugins(self, request: proto.GetRequiredPluginsRequest, context: Any) -> Any:
        """The same for engines that know no packages yet."""
        plugins = [
            plugin_pb2.PluginDependency(
                name=need.name, kind="resource", version=need.version, server=need.server
            )
            for need in plugin_needs(_interpreter(request.info).site_packages())
        ]
        return proto.GetRequiredPluginsResponse(plugins=plugins)

    def get_program_dependencies(
        self, request: proto.GetProgramDependenciesRequest, context: Any
    ) -> Any:
        """Everything installed in the program's environment (`pulumi about` lists it)."""
        found = installed(_interpreter(request.info).site_packages())
        return proto.GetProgramDependenciesResponse(
            dependencies=[proto.DependencyInfo(name=name, version=text) for name, text in found]
        )

    def install_dependencies(
        self, request: proto.InstallDependenciesRequest, context: Any
    ) -> Iterator[Any]:
        """Installs nothing: the environment is uv's. Says so when there is none yet."""
        try:
            _interpreter(request.info)
        except InterpreterError as error:
            yield proto.InstallDependenciesResponse(stderr=f"{error}\n".encode())

    def runtime_options_prompts(self, request: proto.RuntimeOptionsRequest, context: Any) -> Any:
        """Nothing to ask when a project is made."""
        return proto.RuntimeOptionsResponse()

    def cancel(self, request: Empty, context: Any) -> Any:
        """End what runs; the engine closes next."""
        self.children.stop_all()
        return Empty()

    def run(self, request: proto.RunRequest, context: Any) -> Any:
        """Run a program to its end. An error that was shown already comes back as `bail`."""
        try:
            interpreter = _interpreter(request.info)
        except InterpreterError as error:
            return proto.RunResponse(error=str(error))
        child = self.children.start(
            [str(interpreter.python), "-u", str(PROGRAM), self._program_request(request)],
            folder=Path(request.info.program_directory or request.pwd),
            variables=interpreter.variables(os.environ)
            | {
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            },
            piped=False,
        )
        context.add_callback(lambda: self.children.stop(child))
        code = self.children.wait(child)
        if code == 0:
            return proto.RunResponse()
        if code == TOLD:
            return proto.RunResponse(bail=True)
        return proto.RunResponse(error=_ending(code))

    def _program_request(self, request: proto.RunRequest) -> str:
        """The one argument of `program.py`."""
        info = request.info
        return json.dumps(
            {
                "directory": request.pwd or info.program_directory,
                "program": str(Path(info.program_directory) / (info.entry_point or ".")),
                "arguments": list(request.args),
                "settings": {
                    "project": request.project,
                    "stack": request.stack,
                    "organization": request.organization or USUAL_ORGANIZATION,
                    "monitor": request.monitor_address,
                    "engine": self._engine_address,
                    "parallel": request.parallel,
                    "dry_run": request.dryRun,
                    "root_directory": info.root_directory,
                },
            }
        )

    def run_plugin(self, request: proto.RunPluginRequest, context: Any) -> Iterator[Any]:
        """Run a policy pack or a provider written in Python, and stream what it prints."""
        try:
            interpreter = _interpreter(request.info)
        except InterpreterError as error:
            yield proto.RunPluginResponse(stderr=f"{error}\n".encode())
            yield proto.RunPluginResponse(exitcode=1)
            return
        folder = Path(request.info.program_directory or request.program)
        given = dict(item.split("=", 1) for item in request.env if "=" in item)
        child = self.children.start(
            [str(interpreter.python), "-u", str(folder), *request.args],
            folder=Path(request.pwd or folder),
            variables=interpreter.variables({**os.environ, **given}),
            piped=True,
        )
        context.add_callback(lambda: self.children.stop(child))
        for stream, data in chunks(child):
            if stream is Stream.OUT:
                yield proto.RunPluginResponse(stdout=data)
            else:
                yield proto.RunPluginResponse(stderr=data)
        yield proto.RunPluginResponse(exitcode=self.children.wait(child))


def _interpreter(info: proto.ProgramInfo) -> Interpreter:
    options = json_format.MessageToDict(info.options)
    return choose(info.root_directory, options)


def _ending(code: int) -> str:
    if code < 0:
        return f"the program was ended by signal {-code}"
    return f"the program exited with code {code}"
