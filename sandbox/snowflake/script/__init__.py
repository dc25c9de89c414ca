"""Snowflake Scripting: blocks, their variables and control flow, and stored procedures."""
