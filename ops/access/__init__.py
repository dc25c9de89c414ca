"""Effective access: who can do what, why, and what a change opens or closes.

A source (declared facts, the live account) fills `Facts`; everything else is pure.
"""
