"""The command line: parses, calls, prints; a user's mistake is one sentence and status 2."""

import errno
import os
import sys
from collections.abc import Sequence
from typing import Final

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.ending import Ending

STOPPED: Final = 130
"""The status with which a command ends after Ctrl-C: 128 and the number of SIGINT."""

_STOPPED_SAYS: Final = "stopped; nothing half-written was left."

TRACEBACK: Final = "FIRSTMILE_TRACEBACK"
"""The variable with which a fault of our own ends in its traceback."""

_LONGEST_FAULT: Final = 300

_OUTPUT_FAILS: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EPIPE)
)
"""Errors, without a file's name, of what is printed: those of our own files are UserErrors."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exits with 0, 1 or 2 (130 after Ctrl-C).

    Without arguments they are those of the process, which then is ours to end.
    """
    ending = Ending() if arguments is None else None
    try:
        _guarded(arguments)
    except SystemExit as ended:
        if ending is not None and isinstance(ended.code, int):
            ending.status = ended.code
        raise


def _guarded(arguments: Sequence[str] | None) -> None:
    """Run it; what cannot be printed, and a fault of ours, end it with a status too."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - to the end
    try:
        _run(arguments)
    except OSError as error:
        if error.filename is not None or error.errno not in _OUTPUT_FAILS:
            raise
        _leave_output_alone()
        if error.errno == errno.EPIPE:
            sys.exit(1)
        reason = (error.strerror or str(error)).lower()
        _complain(f"The output could not be written: {reason}.")
        sys.exit(2)
    except Exception as error:
        # 1 says that something will fail, or did: a fault of ours says nothing of that.
        if os.environ.get(TRACEBACK):
            raise
        said = visible(f"{type(error).__name__}: {error}")[:_LONGEST_FAULT]
        _complain(
            f"This is a fault of firstmile ({said}). {TRACEBACK}=1 shows where; please report it."
        )
        sys.exit(2)


def _run(arguments: Sequence[str] | None) -> None:
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        if len(given) == 2 and given[0] == "check" and not given[1].startswith("-"):
            from firstmile.ui.checking import check_model

            check_model(given[1])
        from firstmile.ui.commands import COMMANDS, command_line

        wanted = given[0] if given and given[0] in COMMANDS else None
        command_line(wanted)(args=given, prog_name="firstmile")
    except UserError as error:
        _complain(visible(str(error)))
        sys.exit(2)
    except KeyboardInterrupt:
        _complain(_STOPPED_SAYS)
        sys.exit(STOPPED)
    except SystemExit as ended:
        if ended.code == STOPPED:
            _complain(_STOPPED_SAYS)
        sys.stdout.flush()
        raise


def _complain(text: str) -> None:
    if sys.stderr is not None:
        print(f"firstmile: {text}", file=sys.stderr, flush=True)


def _leave_output_alone() -> None:
    """Let what could not be printed go, so that the interpreter does not try again as it ends."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
