"""One module per command of `leap`; each holds a click command named `command`."""
