"""Forts, garrisons, who does what, and what is built when."""
