"""The `leap` command: parses, calls, prints."""
