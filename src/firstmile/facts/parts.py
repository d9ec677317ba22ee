"""Parts of what is read: one that fails is not known, with the reason, and the rest goes on."""

from collections.abc import Callable
from typing import TypeVar

from firstmile.facts.environment import NotKnown
from firstmile.facts.machine import UnreadableError
from firstmile.redaction import redact

Part = TypeVar("Part")


class Parts:
    """Reads parts one by one, and keeps what was not known."""

    def __init__(self) -> None:
        """Begin with nothing missing."""
        self.missing: list[NotKnown] = []

    def read(self, what: str, read: Callable[[], Part]) -> Part | None:
        """Return what `read` gives; None where it fails, which `missing` then says."""
        try:
            return read()
        except UnreadableError as error:
            self.lack(what, str(error))
        except Exception as error:  # one part that breaks stops nobody
            self.lack(what, f"firstmile failed at it ({type(error).__name__})")
        return None

    def lack(self, what: str, reason: str) -> None:
        """Say that a part is not known; the reason is redacted."""
        self.missing.append(NotKnown(what=what, reason=redact(reason).text))
