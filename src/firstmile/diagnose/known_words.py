"""Known words: where words stand among those that the classifier knows, each looked up once."""

import re
from collections.abc import Mapping
from typing import Final

from firstmile.diagnose.wording import folded_token

_CHINESE: Final = r"\u3400-\u9fff"
TOKEN_OR_END: Final = re.compile(
    rf"[a-z_!?\n{_CHINESE}](?:(?<![!?\n{_CHINESE}])[a-z_0-9]*(?:\.[a-z_0-9]+)*|"
    rf"(?<=[\n{_CHINESE}])|(?<=!)!{{2,}}|(?<=\?)\?{{3,}})"
)
"""What `WORD` is, or the end of a line.

It begins with all characters that one can begin with: Python then looks for one of those alone,
which takes half the time, but is compiled in four times the time.
"""
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
