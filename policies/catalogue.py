"""All rules. A new one is an entry here and a row in its test."""

from typing import Final

from policies import warehouses
from policies.rule import Rule

RULES: Final[tuple[Rule, ...]] = (*warehouses.RULES,)
