"""Session variables: `$name` stands for the value that SET gave it.

https://docs.snowflake.com/en/sql-reference/session-variables
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from sandbox.snowflake.errors import CompilationError


def inline_variables(tree: exp.Expr, variables: Mapping[str, exp.Expr]) -> bool:
    """Puts each variable's literal in its place and tells whether there was one.

    CompilationError for one that is not set.
    """
    found = False
    for parameter in list(tree.find_all(exp.Parameter)):
        name = parameter.this
        if not isinstance(name, exp.Var | exp.Identifier):
            continue
        value = variables.get(name.name.upper())
        if value is None:
            raise CompilationError(f"Session variable '${name.name.upper()}' does not exist")
        parameter.replace(value.copy())
        found = True
    return found
