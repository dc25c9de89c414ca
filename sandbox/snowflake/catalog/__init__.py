"""The catalogue of object kinds and of the objects that stand."""
