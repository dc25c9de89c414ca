"""Feeds, their COPY text, the events they ride on, and sample data."""
