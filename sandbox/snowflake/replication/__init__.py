"""Replication between the accounts of the organization: groups, refreshes, promotion."""
