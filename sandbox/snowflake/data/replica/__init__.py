"""Replicas of databases: what changed since the last refresh, and how it comes in at once."""
