"""Work in the background: frontiers in seconds, plans in minutes, on dask."""
