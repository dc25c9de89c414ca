"""Secure data sharing: the accounts of the organization, what they share, and what they import."""
