"""Drills: a disaster made on purpose, the way back from it, and the proof with times.

A drill writes each step down before it takes it, and asks the account whether a step is done: so it
can be continued or taken back wherever it was stopped. What happens in the engine, in dbt or in git
is handed in by the caller.
"""
