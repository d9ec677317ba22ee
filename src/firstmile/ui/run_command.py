"""`firstmile run`: a command as it is, and what is to be said of it when it fails."""

import contextlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment
    from firstmile.run import Run
    from firstmile.ui.diagnose_command import Explained

SETTINGS: Final = {"allow_interspersed_args": False, "ignore_unknown_options": False}
"""Of the command line's parser: what begins with the command's name is the command's."""

Explain = Callable[..., "Explained"]
"""Gives the diagnosis of a text as text, or why there is none."""


def run(
    command: Annotated[list[str], typer.Argument(metavar="CMD", help="The command to run.")],
    hang_after: Annotated[
        float | None,
        typer.Option(
            "--hang-after",
            metavar="SECONDS",
            min=0.5,
            help="After so long without output and work, show what its processes are doing.",
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where the bug report goes if the command fails.")
    ] = None,
) -> None:
    """Run a command unchanged; if it fails, say why and write a bug report.

    The command's output, input, colors, signals and exit status are its own. The report is
    redacted and stays on this machine.
    """
    from firstmile.run import NotStartedError, run_command
    from firstmile.run.ending import end_as
    from firstmile.run.processes import can_look

    if report is not None and not report.absolute().parent.is_dir():
        raise UserError(f"The folder of {report} is not there: make it or name another place.")
    if hang_after is not None and not can_look():
        _say("--hang-after does nothing here: this system does not tell of its processes in /proc.")
    try:
        ended = run_command(command, hang_after_seconds=hang_after, say=_say)
    except NotStartedError as error:
        _say(str(error))
        raise typer.Exit(error.status) from error
    if ended.lost is not None:
        _say(f"Its output could not be written: {ended.lost}.")
    if ended.is_failure:
        # Whatever happens to what we say of it, the command's own status is what counts.
        with contextlib.suppress(OSError, KeyboardInterrupt):
            _explain_failure(ended, report, explained)
    end_as(ended.ending)


def explained(text: str, *, source: str) -> "Explained":
    """Return the diagnosis of what a run wrote, and keep it as the latest one."""
    from firstmile.ui.diagnose_command import explain_text

    return explain_text(text, source=source)


def _explain_failure(ended: "Run", report: Path | None, explain: Explain) -> None:
    if ended.text and not ended.text.endswith("\n"):
        typer.echo(err=True)
    _say(f"The command ended with {ended.ending.sentence()}.")
    for sentence in ended.kill.sentences if ended.kill else ():
        _say(sentence)
    found = _diagnosed(ended, explain)
    if found is not None:
        told = found.text.strip() or "\n".join(_without_answer(ended, found))
        typer.echo(f"\n{told}\n", err=True)
    diagnosis = found.text.strip() if found else ""
    try:
        _say(f"Bug report, redacted: {_write_report(ended, report, diagnosis)}")
    except UserError as error:
        _say(f"The bug report could not be written: {error}")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        _say(f"The bug report could not be written to {error.filename}: {reason}.")


def _diagnosed(ended: "Run", explain: Explain) -> "Explained | None":
    """Return the diagnosis; one that breaks is said to, and takes neither report nor status."""
    from firstmile.run.reporting import command_line, told_text

    try:
        return explain(told_text(ended), source=f"the run {command_line(ended.command)}")
    except UserError as error:
        _say(f"There is no diagnosis: {error}")
    except Exception as error:
        _say(f"There is no diagnosis, since firstmile failed at it ({type(error).__name__}).")
    return None


def _without_answer(ended: "Run", found: "Explained") -> list[str]:
    """Return why there is no answer, and where the reason may stand."""
    from firstmile.run.hints import hints
    from firstmile.ui.text import wrapped

    reason = found.reason if ended.text.strip() else "it wrote nothing"
    lines = wrapped(f"No answer: {reason}.")
    for hint in hints(ended):
        lines += ["", *wrapped(hint.sentence)]
        lines += ["", f"    {hint.command}"] if hint.command else []
    if found.ranks:
        lines += ["", *wrapped("firstmile diagnose --last shows what is likeliest all the same.")]
    return lines


def _write_report(ended: "Run", report: Path | None, diagnosis: str) -> Path:
    from firstmile.rendering.files import write_whole
    from firstmile.run.reporting import report_text
    from firstmile.ui.places import next_report, report_folder

    now = datetime.now(UTC)
    path = report or next_report(report_folder(os.environ), now)
    write_whole(path, report_text(ended, _environment(ended, now), diagnosis=diagnosis))
    return path


def _environment(ended: "Run", now: datetime) -> "Environment":
    """Read this machine with the Python of the command, if it has one."""
    from firstmile.facts.collecting import collect_environment
    from firstmile.facts.interpreters import interpreter_of_command
    from firstmile.facts.machine import Machine

    machine = Machine()
    python = interpreter_of_command(ended.command, machine)
    return collect_environment(machine, at=now, python=python)


def _say(line: str) -> None:
    """Say something beside the command's output, marked as ours; nobody may be there to hear."""
    if sys.stderr is not None:
        first, *rest = (visible(each) for each in line.split("\n"))
        with contextlib.suppress(OSError):
            typer.echo("\n".join([f"firstmile: {first}", *rest]), err=True)
