"""Drift: what differs between code and the live account, who made it, and what to do about it.

Code is what the engine deployed (the stacks' states); the account is read in bulk. What dbt and
workspaces make by the rights that code gave them is no drift.
"""
