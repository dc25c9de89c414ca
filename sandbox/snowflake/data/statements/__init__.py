"""The statements that the data plane knows, one family a module."""
