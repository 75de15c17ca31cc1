"""A theatre made from the files that a user brings."""
