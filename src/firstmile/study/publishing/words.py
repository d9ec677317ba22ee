"""What raters wrote, as it may be published: redacted, and accounts in it under pseudonyms."""

from typing import Final

from firstmile.redaction import redact
from firstmile.study.collecting import public_names
from firstmile.study.folder import StudyFolder
from firstmile.study.privacy import Pseudonyms, protect

_NAMES_ACCOUNTS: Final = ("@", "github.com/")
"""Without one of these a text names no account in a form that is recognized."""


class Words:
    """Makes what raters wrote fit to be published.

    Texts of issues were protected before they were stored. What raters type or paste was not: it
    names accounts as GitHub's own pages do.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self._store = folder.store
        self._pseudonyms = Pseudonyms(folder.key)
        self._public = public_names(folder.design)

    def own(self, words: str) -> str | None:
        """Return a note or a reason; None where there is none."""
        if not words.strip():
            return None
        if not any(sign in words for sign in _NAMES_ACCOUNTS):
            return redact(words).text
        return str(protect(words, self._pseudonyms, public=self._public).payload)

    def quote(self, words: str, issue: str) -> str | None:
        """Return a quote of an issue; None where there is none.

        What stands in the stored thread stays as it stands there, since a decorator of Python
        looks like a mention once the block of code around it is gone.
        """
        if any(sign in words for sign in _NAMES_ACCOUNTS):
            held = self._store.issue(issue)
            if held is None or words.strip() not in held.thread:
                return self.own(words)
        return redact(words).text if words.strip() else None
