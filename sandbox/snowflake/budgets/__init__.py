"""Budgets: monthly limits on what the account, or some of its objects, may spend."""
