"""Domain-free mathematics: grids, exact cuts, checks, draws. It knows nothing of states or works."""
