"""One module per budget of the design, each run by `python -m benchmarks.<name>`.

They print what they measured and on which machine; nothing asserts a time. A figure is given beside
a peer's where there is one, because a ratio survives a change of machine.
"""
