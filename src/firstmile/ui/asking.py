"""Asking before what cannot be undone."""

import sys

import typer

from firstmile.errors import UserError
from firstmile.ui.text import wrapped


def confirm(consequence: str, *, yes: bool) -> None:
    """Say what will happen and go on only if the user wants it.

    `yes` is the option --yes, which asks nothing. Ends the command where the user declines.
    Raises UserError where nobody is at the terminal to be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError(f"{consequence} If that is meant, give --yes; nothing was done yet.")
    for line in wrapped(consequence):
        typer.echo(line, err=True)
    if not typer.confirm("Go on?", err=True):
        typer.echo("Nothing was done.", err=True)
        raise typer.Exit(1)
