"""Workspaces: one developer's or one pull request's corner of a platform that stands.

Each is a stack of its own (`infra/workspace.py`), made with the developer's own login and a role
that administers nothing. What the account knows of them is the comments of their schemas.
"""
