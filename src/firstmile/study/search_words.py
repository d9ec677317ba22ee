"""Words as the search index holds them, and a reader's search as a full-text query.

SQLite's tokenizer takes a run of Chinese or Japanese writing as one word. Such runs are therefore
stored as overlapping pairs of characters, and searched as a phrase of pairs: any part of two
characters or more is found, which three-letter grams would miss (most Chinese words have two).
"""

import re
from typing import Final

_RUN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_TERM: Final = re.compile(r'"([^"]*)"?|(\S+)')
LONGEST: Final = 300
"""Characters of a search that are looked at."""

MOST: Final = 12
"""Words of a search that are looked at."""


def indexed(text: str) -> str:
    """Return text as it is stored: runs without spaces become pairs, and the last character."""
    if text.isascii():
        return text
    return _RUN.sub(lambda found: f" {_pairs(found[0])} {found[0][-1]} ", text)


def full_text_query(search: str) -> str:
    """Return a query in SQLite's language; empty where the search holds no word.

    All words must be there, in any order; words in double quotes stand together. The last word
    may be the start of one. Nothing else of the query language can be reached.
    """
    terms = []
    found = list(_TERM.finditer(search[:LONGEST].replace("\0", " ")))[:MOST]
    for place, match in enumerate(found):
        words = match[1] if match[1] is not None else match[2]
        if not any(character.isalnum() for character in words):
            continue
        is_open = place == len(found) - 1 and match[1] is None
        single = len(words) == 1 and _RUN.fullmatch(words) is not None
        text = _RUN.sub(lambda run: f" {_pairs(run[0])} ", words).strip().replace('"', " ")
        ends_in_run = _RUN.fullmatch(words[-1]) is not None
        prefix = "*" if single or (is_open and not ends_in_run) else ""
        terms.append(f'"{text}"{prefix}')
    return " AND ".join(terms)


def _pairs(run: str) -> str:
    if len(run) == 1:
        return run
    return " ".join(run[place : place + 2] for place in range(len(run) - 1))
