"""The policy pack: rules that the engine holds every preview and update to."""
