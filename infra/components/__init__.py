"""One Pulumi component resource per file."""
