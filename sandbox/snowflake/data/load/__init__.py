"""Loading staged files: file formats, readers, error location and the load history."""
