"""A local Snowflake account: wire protocol, catalogue, access and data plane."""
