"""Questions to, and operations on, a planned or running platform."""
