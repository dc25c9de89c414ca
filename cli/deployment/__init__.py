"""Driving the Pulumi engine: the stack it works on, the run itself, and what came of it.

The engine is a program of its own and is run as one, so that `leap` and `pulumi` typed by hand do
the same. What it does is read from its event log, never from its printed text.
"""
