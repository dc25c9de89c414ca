"""Credits: what warehouses and serverless work burn, and the monitors that watch it."""
