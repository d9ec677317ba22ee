"""`python -m firstmile`."""

from firstmile.ui.cli import main

main()
