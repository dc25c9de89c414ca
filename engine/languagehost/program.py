"""Runs one Pulumi program: started by path, under the program's own Python.

The program is run as `python <folder>` would run it, inside the SDK's `run_in_stack`, with the
runtime settings that arrive as one JSON argument and the configuration that arrives in
`PULUMI_CONFIG`. Ends with 0; with `TOLD` when an error was shown and nothing is to be added; with
the program's own code when it called `sys.exit` with one (with a text, that text is the error).
It imports nothing of ours: the program's environment need not have it.
"""

import asyncio
import gc
import importlib.util
import json
import logging
import os
import runpy
import sys
import traceback
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

TOLD = 32  # the code by which the official runner says the same
INTERRUPTED = 130

NO_SDK = """\
The Pulumi SDK is not installed in {python}.
Install it there (`uv sync`), or name another environment by the runtime option virtualenv."""


def main() -> None:
    """Run the program that the arguments name and end the process with its code."""
    # A program lives for seconds and drops next to nothing, but the collector walks the SDK's
    # thousands of classes again and again: a quarter of the program's time.
    gc.disable()
    del sys.path[0]  # this file's folder: its modules are not for the program
    if importlib.util.find_spec("pulumi") is None:
        print(NO_SDK.format(python=sys.executable), file=sys.stderr)
        sys.exit(TOLD)
    request: dict[str, Any] = json.loads(sys.argv[1])
    os.chdir(request["directory"])
    program = Path(request["program"]).absolute()
    sys.argv = [str(program), *request["arguments"]]
    with _ErrorsShown(program):
        _configure(request["settings"])
        _quiet()
        _run(program, request["settings"]["parallel"])


def _configure(settings: dict[str, Any]) -> None:
    """Connect the SDK to the engine that runs us, with the stack's configuration."""
    import pulumi.runtime as runtime

    runtime.set_all_config(runtime.get_config_env(), runtime.get_config_secret_keys_env())
    runtime.configure(runtime.Settings(**settings))


def _quiet() -> None:
    """Keep the SDK's own debug messages to ourselves; LEAP_DEBUG=1 sends them.

    It tells the engine four things of each resource, each by a call of its own, which the engine
    puts through its display and its event log. A program's own `pulumi.log.debug` is not touched.
    """
    if os.environ.get("LEAP_DEBUG"):
        return
    import pulumi
    import pulumi.runtime

    silent = types.ModuleType(pulumi.log.__name__)
    silent.__dict__.update(vars(pulumi.log), debug=lambda *_words, **_options: None)
    for name, module in tuple(sys.modules.items()):
        if name.startswith("pulumi.runtime.") and getattr(module, "log", None) is pulumi.log:
            vars(module)["log"] = silent


def _run(program: Path, parallel: int) -> None:
    """Run the program and wait for all that it declared."""
    import pulumi
    from pulumi.runtime import run_in_stack

    if program.is_dir() and not (program / "__main__.py").is_file():
        raise pulumi.RunError(f"there is no program: {program} has no __main__.py")
    # A failed resource leaves futures that nobody awaits; asyncio would report each of them on
    # top of the engine's own report.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(parallel, 1) * 4)
    loop.set_default_executor(executor)

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    try:
        loop.run_until_complete(run_in_stack(run))
    finally:
        executor.shutdown(wait=True)
        loop.close()


class _ErrorsShown:
    """Shows whatever a program raises through the engine, once, and ends the process.

    A block and not an `except`, because nothing that a program raises may pass it by.
    """

    def __init__(self, program: Path) -> None:
        self._program = program

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        if isinstance(error, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        if isinstance(error, SystemExit) and not isinstance(error.code, str):
            return
        import pulumi

        pulumi.log.error(
            str(error)
            if isinstance(error, (pulumi.RunError, SystemExit))
            else self._describe(error)
        )
        sys.exit(TOLD)

    def _describe(self, error: BaseException) -> str:
        """The error as Python prints it, from the program's first frame on."""
        folder = self._program if self._program.is_dir() else self._program.parent
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename.startswith(str(folder)):
                break
            trace = trace.tb_next
        if trace is None and not isinstance(error, SyntaxError):
            trace = error.__traceback__
        lines = traceback.format_exception(type(error), error, trace)
        return "Program failed with an unhandled exception:\n" + "".join(lines)


if __name__ == "__main__":
    main()
