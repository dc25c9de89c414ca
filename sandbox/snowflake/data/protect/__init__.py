"""Masking and row access policies: queries rewritten so that nothing gets past them."""
