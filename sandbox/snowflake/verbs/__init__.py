"""What statements do: one verb a module, generic over the kinds."""
