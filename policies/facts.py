"""What the pack judges against: an environment's facts, read from the same files as by the program.

The engine tells a pack in Python neither the stack nor its configuration, so the environment is
known by the stack's name alone; a workspace is held to the base and to its own file.
"""

import json
from pathlib import Path
from typing import Final

from infra.model import layers
from infra.model.environment import Environment
from infra.model.rules.rule import Ground

ROOT: Final = Path(__file__).resolve().parent.parent


def ground(environment: str, root: Path = ROOT) -> Ground:
    """The facts of that environment. The program itself reports broken ones, before any rule."""
    read = []
    for name in ("base", environment):
        path = root / "environments" / f"{name}.yaml"
        layer, _ = layers.read(path.name, path.read_text(encoding="utf-8"))
        read.append(layer)
    values = json.dumps(layers.merge(read).values)
    return Ground(Environment.model_validate_json(values, strict=True), environment)
