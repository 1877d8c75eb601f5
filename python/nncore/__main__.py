"""`python -m nncore` is the command line."""

from nncore.cli import main

main(prog_name="nncore")
