"""Time Travel and streams: what the rows of a table were, kept beside the rows."""
