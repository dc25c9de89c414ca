"""The `leap` command: it parses, calls the parts and prints.

What the parts know (the engine, the sandbox, the facts, the feeds) stays in them. Each command is
one module under `cli.commands`, imported only when it is asked for, so that `leap --help` is quick.
"""
