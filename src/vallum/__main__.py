"""Run the command line by `python -m vallum`."""

from vallum.cli import main

main()
