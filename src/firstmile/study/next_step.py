"""One thing that a study waits for, in parts: a terminal says them in a line, a page with links."""

import msgspec

from firstmile.study.decisions import Step


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done next.

    `words` say what waits, with the command that does it where a command does. Where raters do
    it on their pages, `step` is theirs and `pages` the command that opens them, which nobody
    needs who has them open. `more` goes with it; `early` is the command that ends the step
    before all is read. `freezes` says that the command in `words` ends the screen for good.
    """

    words: str
    step: Step | None = None
    pages: str = ""
    more: tuple[str, ...] = ()
    early: str = ""
    freezes: bool = False

    @property
    def on_page(self) -> str:
        """What is said to whoever has the pages open already."""
        return "; ".join((self.words, *self.more))

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        first = f"{self.words}: {self.pages}" if self.pages else self.words
        early = (f"to stop early, {self.early}",) if self.early else ()
        return "; ".join((first, *self.more, *early))
