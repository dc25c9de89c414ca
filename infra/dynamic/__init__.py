"""Dynamic providers: AWS by boto3, and Snowflake statements that the provider lacks."""
