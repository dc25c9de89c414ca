"""The Pulumi program: reads the stack's settings, and declares the platform or nothing at all."""

from pathlib import Path

import pulumi

from infra import settings
from infra.deploy import deploy
from infra.model.stack_config import PLAIN_KEYS, PROJECT
from ingestion.yaml_file import InvalidInputError


def main() -> None:
    """Declares the stack; every problem with its facts or configuration ends the program first."""
    root = Path(__file__).resolve().parent.parent
    given = pulumi.Config(PROJECT)
    config = {f"{PROJECT}:{key}": value for key in PLAIN_KEYS if (value := given.get(key))}
    try:
        loaded = settings.load(root, pulumi.get_stack(), config)
        deploy(settings.foundation(loaded))
    except (settings.SettingsError, InvalidInputError) as error:
        raise pulumi.RunError("\n".join(error.problems)) from None


main()
