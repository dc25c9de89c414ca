"""Tags and policies: on what they are set, and who asks."""
