"""Known words: where words stand among those that the classifier knows, each looked up once."""

from collections.abc import Mapping
from typing import Final

from firstmile.diagnose.wording import folded_token

UNKNOWN: Final = -1
"""The place of a word that is not known."""
LINE_END: Final = -2
"""The place of a line's end."""
_MOST_WORDS: Final = 200_000
_LONGEST_WORD: Final = 64
"""What is remembered: so many words, none longer, so that memory is bounded."""


class KnownWords(dict[str, int]):
    """The places of words as they stand in texts, in lower case; each is looked up once."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Take the places of words as the classifier has them."""
        super().__init__({"\n": LINE_END})
        self._words = words

    def __missing__(self, token: str) -> int:
        place = self._words.get(folded_token(token), UNKNOWN)
        if len(token) > _LONGEST_WORD:
            return place
        if len(self) > _MOST_WORDS:
            self.clear()
            self["\n"] = LINE_END
        self[token] = place
        return place
