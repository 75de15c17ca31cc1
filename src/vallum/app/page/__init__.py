"""The explorer that people see."""
