"""The limits of an environment, read from the same files as the program reads."""

from pathlib import Path
from typing import Final

from infra.model import layers
from infra.model.limits import Limits

ROOT: Final = Path(__file__).resolve().parent.parent


def limits(environment: str, root: Path = ROOT) -> Limits:
    """The limits of that environment. The program itself reports broken facts, before any rule."""
    read = []
    for name in ("base", environment):
        path = root / "environments" / f"{name}.yaml"
        layer, _ = layers.read(path.name, path.read_text(encoding="utf-8"))
        read.append(layer)
    return Limits.model_validate(layers.merge(read).values["limits"])
