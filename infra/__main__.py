"""The Pulumi program: reads the stack's settings, and declares the platform or nothing at all."""

from collections.abc import Callable
from pathlib import Path

import pulumi

from infra import settings
from infra.model.stack_config import PLAIN_KEYS, PROJECT
from infra.settings import Settings
from infra.stack import StackKind
from ingestion.yaml_file import InvalidInputError


def _program(kind: StackKind) -> Callable[[Settings], None]:
    """The part that deploys stacks of this kind; the other one is not even imported."""
    if kind is StackKind.FOUNDATION:
        from infra import foundation

        return foundation.program()
    from infra import workspace

    return workspace.deploy


def main() -> None:
    """Declares the stack; every problem with its facts or configuration ends the program first."""
    root = Path(__file__).resolve().parent.parent
    given = pulumi.Config(PROJECT)
    config = {f"{PROJECT}:{key}": value for key in PLAIN_KEYS if (value := given.get(key))}
    try:
        loaded = settings.load(root, pulumi.get_stack(), config)
        _program(loaded.stack.kind)(loaded)
    except (settings.SettingsError, InvalidInputError) as error:
        raise pulumi.RunError("\n".join(error.problems)) from None


main()
