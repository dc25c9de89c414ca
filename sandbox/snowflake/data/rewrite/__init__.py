"""Pure rewrites of a parsed statement, from Snowflake's meaning to DuckDB's.

Each rule is a function of one node; the dialect differences that sqlglot knows are left to it.
"""
