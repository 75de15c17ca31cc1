<<<<<<< HEAD
"""The forces: forts, garrisons, tasks by state, and the programme of building."""
=======
"""Forces: forts and garrisons, who does what, and what is built when."""
>>>>>>> forts
