"""Domain-free mathematics: grids, exact cuts, checks. It knows nothing of states or works."""
