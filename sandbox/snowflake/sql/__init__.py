"""Reading statements: tokens, names and clauses."""
