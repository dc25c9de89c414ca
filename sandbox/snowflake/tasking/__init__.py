"""Running tasks: what is due, a graph's order, one task's run, and the history of runs."""
