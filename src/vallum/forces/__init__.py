"""Who stands where, who does what, and what is built when."""
