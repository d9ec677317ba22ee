"""`%load_ext firstmile`: the diagnosis below a cell of a notebook that failed."""

import sys
import traceback
from importlib import import_module
from typing import Any, Final

EVENT: Final = "post_run_cell"
"""What IPython calls after a cell, when its traceback is shown already."""


def load(shell: Any) -> None:
    """Tell of each cell of a shell that fails from here on."""
    shell.events.register(EVENT, after_cell)


def unload(shell: Any) -> None:
    """Tell of no more cells."""
    shell.events.unregister(EVENT, after_cell)


def after_cell(result: Any) -> None:
    """Show what made a cell fail: what IPython shows stays, the diagnosis stands below.

    A cell that does not parse, that was interrupted or that ended the program shows none; where
    there is no answer a line says so.
    """
    error = getattr(result, "error_in_exec", None)
    if not isinstance(error, Exception):
        return
    from firstmile.diagnose.failures import diagnose
    from firstmile.rendering.inert import visible

    try:
        found = diagnose(_written_out(error))
    except Exception as own:
        sys.stderr.write(f"firstmile: No diagnosis: {visible(f'{type(own).__name__}: {own}')}.\n")
        return
    if found.abstained:
        sys.stdout.write(f"firstmile: No answer: {found.abstained}.\n")
    else:
        # The shell has it imported already: a notebook is shown HTML, a terminal text.
        import_module("IPython.display").display(found)


def _written_out(error: Exception) -> str:
    """Return an exception without the shell's own frames, as the shell shows it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("IPython."):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))
