"""Grants: who holds which privilege on what."""
