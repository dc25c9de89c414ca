"""Finds or builds the Pulumi CLI, the provider plugins and the language host."""
