"""The local clouds: Snowflake and AWS on 127.0.0.1, for the real clients."""
