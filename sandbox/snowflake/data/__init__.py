"""The data plane: rows in DuckDB, through fakesnow as a library."""
