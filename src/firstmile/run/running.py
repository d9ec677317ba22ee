"""Running a command as the shell would, with its output handed on and kept."""

import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from firstmile.rendering.inert import visible
from firstmile.run.capture import Capture
from firstmile.run.ending import NOT_FOUND, NOT_RUNNABLE, Ending
from firstmile.run.killing import Kernel, evidence_of_kill
from firstmile.run.outcome import NotStartedError, Run

if TYPE_CHECKING:
    from firstmile.run.streams import Stream


def run_command(
    command: Sequence[str],
    *,
    hang_after_seconds: float | None = None,
    say: Callable[[str], None] = lambda _line: None,
    kernel: Kernel | None = None,
) -> Run:
    """Run a command to its end and return what there is to know of it.

    It has our standard input, environment, folder and process group. Its output goes where ours
    goes, byte by byte. `say` is told what a run that stands still is doing. Raises
    NotStartedError where there is no such command.
    """
    if sys.platform == "win32":
        from firstmile.run.piping import run_with_pipes

        return run_with_pipes(command)
    from firstmile.run.forwarding import Forwarding
    from firstmile.run.streams import Copying, hold_standard_places, leave_copying, open_streams
    from firstmile.run.watching import Watch

    hold_standard_places()
    kernel = kernel or Kernel()
    before = kernel.counts()
    capture = Capture()
    began = time.monotonic()
    with Forwarding() as forwarding:
        streams = open_streams()
        try:
            pid = _start(command, streams, forwarding.mask_before)
        except BaseException:
            for stream in streams:
                os.close(stream.source)
            raise
        finally:
            for stream in streams:
                os.close(stream.inner)
        copying = Copying(streams, capture)
        copying.start()
        watch = Watch(pid, capture, hang_after_seconds, say)
        watch.start()

        def resized() -> None:
            changed = [each.terminal.resize() for each in streams if each.terminal is not None]
            if any(changed):
                # The kernel told the command before the new size was set.
                os.killpg(0, signal.SIGWINCH)

        status, largest = forwarding.until_ended(pid, resized=resized)
        seconds = time.monotonic() - began
        quiet = watch.finish()
        held = copying.finish()
    leave_copying(held)
    ending = Ending.of(os.waitstatus_to_exitcode(status))
    kill = evidence_of_kill(ending, before, kernel.counts())
    kernel.close()
    lost = copying.lost
    return Run(
        command=tuple(command),
        ending=ending,
        seconds=seconds,
        text=capture.text(),
        kill=kill,
        stopped_by_request=bool(forwarding.asked_to_end),
        quiet=quiet,
        largest_bytes=largest,
        lost=None if lost is None else (lost.strerror or str(lost)).lower(),
    )


def _start(command: Sequence[str], streams: "Sequence[Stream]", mask: Iterable[int]) -> int:
    """Start the command as a shell does: what Python changed in our process is not passed on.

    Descriptors that the shell opened for the command (`3>file`, `<(...)`) reach it.
    """
    actions = [
        (os.POSIX_SPAWN_DUP2, stream.inner, number)
        for stream in streams
        for number in stream.serves
    ]
    ignored_by_python = [signal.SIGPIPE, signal.SIGXFSZ]

    def start(program: str, arguments: Sequence[str]) -> int:
        return os.posix_spawnp(
            program,
            list(arguments),
            os.environ,
            file_actions=actions,
            setsigmask=mask,
            setsigdef=ignored_by_python,
        )

    program = command[0]
    try:
        return start(program, command)
    except OSError as error:
        found = shutil.which(program)
        if error.errno == errno.ENOEXEC and found:
            # A script without a first line that names its interpreter is the shell's (POSIX).
            return start("/bin/sh", ["/bin/sh", found, *command[1:]])
        raise _not_started(program, found, error) from error


def _not_started(program: str, found: str | None, error: OSError) -> NotStartedError:
    name, reason = visible(program), (error.strerror or str(error)).lower()
    if error.errno != errno.ENOENT:
        return NotStartedError(f"{name} cannot be run: {reason}.", NOT_RUNNABLE)
    if found is not None:
        return NotStartedError(
            f"{name} cannot be run: the interpreter that its first line names is not there.",
            NOT_FOUND,
        )
    return NotStartedError(f"{name} was not found: is it installed and on the PATH?", NOT_FOUND)
