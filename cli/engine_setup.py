"""Installing the engine with its progress on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.console import step

if TYPE_CHECKING:
    from engine.progress import Step
    from engine.toolchain import Toolchain


def install_engine() -> Toolchain:
    """The engine, found or made; a build shows which program it is at.

    Raises:
        EngineError: it can be neither found nor made.
    """
    import engine

    with step("engine") as running:
        present: dict[str, str] = {}

        def progress(at: Step) -> None:
            detail = f" {at.detail}" if at.detail else ""
            present[at.program] = f"{at.program} {at.state}{detail}"
            busy = [text for text in present.values() if " running" in text]
            running.note(", ".join(busy or present.values()))

        tools = engine.install(progress)
        running.done(", ".join(sorted({f"{p.name} {p.version}" for p in tools.programs[:1]})))
    return tools
