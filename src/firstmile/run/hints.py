"""Hints: where to look for the reason of a failed run whose output does not tell it."""

from dataclasses import dataclass

from firstmile.run.outcome import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A sentence, and a command that shows what it speaks of; empty where there is none."""

    sentence: str
    command: str = ""


_OF_A_KILL = (
    Hint(
        sentence="SIGKILL comes from outside, and the program cannot say a word. Look whether it "
        "was the kernel, for lack of main memory:",
        command="sudo dmesg -T | grep -iE 'killed process|oom-kill' | tail",
    ),
    Hint(
        sentence="If no line is there, a job scheduler, a container's limit or a person ended it: "
        "look at the record of the job (sacct -j JOB, kubectl describe pod POD, docker inspect "
        "CONTAINER).",
    ),
)
_OF_SILENCE = (
    Hint(
        sentence="Its log may be in a file: look at its options and its configuration for one, "
        "and at what changed last where it ran:",
        command="ls -lt . logs log output 2>/dev/null | head -20",
    ),
)
_OF_OTHER_WORDS = (
    Hint(
        sentence="Where it also writes log files, or one for each rank or worker, the reason may "
        "stand there:",
        command="firstmile diagnose FOLDER-OF-LOGS",
    ),
)


def hints(run: Run) -> tuple[Hint, ...]:
    """Return where the reason of a failed run may stand, if its output does not tell it."""
    if run.ending.is_kill and run.kill is None:
        return _OF_A_KILL
    return _OF_OTHER_WORDS if run.text.strip() else _OF_SILENCE
