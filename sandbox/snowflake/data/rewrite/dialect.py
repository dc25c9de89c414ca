"""DuckDB's dialect as DuckDB 2.0 wants it: lambdas with the keyword."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator


class SandboxGenerator(DuckDBGenerator):
    """Writes `lambda x: …`, because DuckDB 2.0 refuses the arrow."""

    def lambda_sql(self, expression: exp.Lambda, arrow_sep: str = "->", wrap: bool = True) -> str:
        """A lambda in DuckDB's Python-like form."""
        expression.set("colon", True)
        return super().lambda_sql(expression, arrow_sep=arrow_sep, wrap=wrap)


class Sandbox(DuckDB):
    """The dialect that the data plane writes."""

    Generator = SandboxGenerator
