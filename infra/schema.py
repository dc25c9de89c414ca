"""`python -m infra.schema`: writes the JSON Schema that editors check environment files with."""

import json
from pathlib import Path

from infra.model.validation import file_schema


def main() -> None:
    """Writes `environments/schema.json`."""
    path = Path(__file__).resolve().parent.parent / "environments" / "schema.json"
    path.write_text(json.dumps(file_schema(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
