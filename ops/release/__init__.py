"""Releases: what was written since the last one, told by type, and brought from develop to main.

The commits' own words decide: what breaks, what is new, what is mended, and the next version.
"""
