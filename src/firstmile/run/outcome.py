"""What there is to know of a run that ended, or of a command that could not be started."""

from dataclasses import dataclass

from firstmile.run.ending import Ending
from firstmile.run.killing import Kill


class NotStartedError(Exception):
    """The command could not be started; `status` is what a shell would show."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that ended: how, after how long, what it wrote, and what the kernel says of it.

    `stopped_by_request` says that somebody asked it to end (Ctrl-C, SIGTERM). `quiet` are the
    observations of times in which it stood still. `largest_bytes` is the most memory that one of
    its processes held, where the system tells. `lost` is why not all of its output could be handed
    on, None where all was.
    """

    command: tuple[str, ...]
    ending: Ending
    seconds: float
    text: str
    kill: Kill | None = None
    stopped_by_request: bool = False
    quiet: tuple[str, ...] = ()
    largest_bytes: int | None = None
    lost: str | None = None

    @property
    def is_failure(self) -> bool:
        """Whether there is something to explain: it failed, and not since it was told to end.

        A run that stood still before it was told to end has something to explain, too.
        """
        if self.ending.is_success:
            return False
        return bool(self.quiet) or not self.stopped_by_request
