"""Relations between the states, and whether the opening lasts."""
