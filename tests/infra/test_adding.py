"""The recipes of `docs/adding.md` work as they are written."""

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import settings

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^ *```yaml\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
RECIPES = [textwrap.dedent(b) for b in BLOCK.findall((ROOT / "docs" / "adding.md").read_text())]


def typed_into(old: Any, new: Any) -> Any:
    """The old facts with the new ones in their place."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: typed_into(old.get(key), value) for key, value in new.items()}
    return new


def test_every_recipe_of_facts_is_good_facts(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    assert len(RECIPES) >= 5
    for recipe in RECIPES:
        place = clone / recipe.splitlines()[0].removeprefix("# ")
        facts = typed_into(yaml.safe_load(place.read_text()), yaml.safe_load(recipe))
        place.write_text(yaml.safe_dump(facts))
    loaded = settings.load(clone, "local").environment
    assert loaded.warehouses["SCIENCE_WH"].resource_monitor == "SCIENCE_LIMIT"
    assert "STELLA_STEWARD" in loaded.people
    assert loaded.warehouses["BI_WH"].auto_suspend == 600
