"""Where things are in the clone. Everything that a run leaves behind is under `.leap/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
STATE: Final = ROOT / ".leap"
LOGS: Final = STATE / "logs"
POLICIES: Final = ROOT / "policies"
DBT: Final = ROOT / "dbt"
SAMPLES: Final = ROOT / "ingestion" / "samples"
