"""One file per kind of Snowflake object."""
