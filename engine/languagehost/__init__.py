"""The Python language host: what the engine starts to run programs and policy packs in Python.

This folder is copied into the toolchain and imports nothing else of ours, so that it works
whatever checkout, and whatever Python, a bare `pulumi` is started in.
"""
