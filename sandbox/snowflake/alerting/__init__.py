"""Alerts that fire: when they are due, what a run does, and the history of runs."""
