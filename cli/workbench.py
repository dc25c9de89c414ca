"""Everything a command needs before it may touch a stack: facts, engine, account, a sound state.

The order is that of cost and blame: facts are read before anything is started, so that bad input
is reported with nothing touched.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cli.errors import NotUsableError
from cli.paths import ROOT
from cli.target import SANDBOX, login, running_sandbox

if TYPE_CHECKING:
    from engine import Toolchain
    from infra.settings import Settings

INSTALL_IT: Final = "Install it: leap engine install"


@dataclass(frozen=True, slots=True)
class Workbench:
    """A stack that can be worked on; `variables` is the whole environment of the engine."""

    settings: Settings
    variables: Mapping[str, str]

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.settings.stack.name

    @property
    def is_workspace(self) -> bool:
        """Whether the stack is one corner of a platform."""
        return self.settings.stack.kind == "workspace"

    @property
    def target(self) -> str:
        """`sandbox` or `snowflake`."""
        return str(self.settings.config.target)

    @property
    def on_sandbox(self) -> bool:
        """Whether the stack lives in the sandbox."""
        return self.target == SANDBOX

    def login(self) -> dict[str, Any]:
        """Connector arguments for `leap`'s own questions."""
        return login(self.target)


def facts(stack: str, *, workspaces: bool = False) -> Settings:
    """The stack's validated facts; `workspaces` says whether it may be one of those.

    Raises:
        SettingsError: with every problem of the environment files and the stack file.
    """
    from infra import settings

    loaded = settings.load(ROOT, stack)
    return loaded if workspaces else settings.foundation(loaded)


def bench_of(settings: Settings, tools: Toolchain) -> Workbench:
    """The workbench for facts; on the sandbox, service users get the key pairs they lack."""
    from cli import keypairs

    bench = Workbench(settings, variables(tools))
    if bench.on_sandbox and not bench.is_workspace:
        keypairs.ensure(settings)
    return bench


def toolchain() -> Toolchain:
    """The engine, as it is installed.

    Raises:
        NotUsableError: it is not.
    """
    import engine

    found = engine.find()
    if found is None:
        raise NotUsableError(
            "The Pulumi engine is not installed.", "Install it: leap engine install"
        )
    return found


def variables(tools: Toolchain) -> dict[str, str]:
    """Our environment and the engine's: what a `pulumi` started by us, or by hand, has to see."""
    from sandbox.place import Place

    return {
        **os.environ,
        **tools.environment(ROOT),
        "LEAP_SANDBOX_CONNECTION": str(Place(ROOT).connection),
    }


def open_workbench(stack: str, *, workspaces: bool = False) -> Workbench:
    """A workbench for a stack whose engine and account are there already.

    Raises:
        SettingsError: the facts are wrong.
        NotUsableError: no engine, or a sandbox that does not run.
    """
    settings = facts(stack, workspaces=workspaces)
    bench = bench_of(settings, toolchain())
    if bench.on_sandbox:
        running_sandbox()
    return bench
