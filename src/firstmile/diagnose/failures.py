"""Failures as Python has them: an exception, or what was printed."""

import traceback

from firstmile.diagnose.hypotheses import Diagnosis


def diagnose(failure: str | BaseException) -> Diagnosis:
    """Judge a log, a traceback or an issue, given as text, or an exception with its chain.

    Of an exception the traceback, its notes, its causes and what it was raised during are
    judged. Nothing is read from files or the network, and nothing is sent. Raises TypeError for
    anything else.
    """
    from firstmile.diagnose.judging import diagnose_text

    if isinstance(failure, BaseException):
        return diagnose_text(written_out(failure))
    if isinstance(failure, str):
        return diagnose_text(failure)
    raise TypeError(f"diagnose takes a text or an exception, not {type(failure).__name__}")


def written_out(error: BaseException) -> str:
    """Return an exception as the interpreter prints it: chain, notes and groups."""
    return "".join(traceback.format_exception(error))
