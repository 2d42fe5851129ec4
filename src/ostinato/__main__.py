"""`python -m ostinato`."""

from ostinato.cli import main

main()
