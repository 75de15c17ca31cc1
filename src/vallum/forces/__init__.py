"""The forces: forts, garrisons, tasks by state, and the programme of building."""
