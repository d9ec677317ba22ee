"""How much is asked for at once: less after a time-out, more again when it goes well."""

from dataclasses import dataclass
from typing import Final

MOST: Final = 100
"""The largest page that GitHub allows."""

_FEWEST_COMMENTS: Final = 6
_GOOD_IN_A_ROW: Final = 2


@dataclass(slots=True)
class PageSize:
    """Issues a page, and comments that come along with each."""

    issues: int = MOST
    comments: int = MOST
    _good: int = 0
    _bad: int = 0

    def ease(self) -> None:
        """Ask for half as many issues, then a quarter; from one on, for fewer comments."""
        self._good, self._bad = 0, self._bad + 1
        if self.issues > 1:
            self.issues = max(1, self.issues // (2 if self._bad == 1 else 4))
        else:
            self.comments = max(_FEWEST_COMMENTS, self.comments // 4)

    def succeeded(self) -> None:
        """Ask for twice as much after it went well some times in a row."""
        self._good, self._bad = self._good + 1, 0
        if self._good >= _GOOD_IN_A_ROW:
            self._good = 0
            if self.comments < MOST:
                self.comments = min(MOST, self.comments * 4)
            else:
                self.issues = min(MOST, self.issues * 2)

    @property
    def least(self) -> bool:
        """Whether there is nothing less to ask for."""
        return self.issues == 1 and self.comments == _FEWEST_COMMENTS
