"""The first words of an issue, as a list of issues shows them: without the marks of Markdown."""

import re
from typing import Final

LOOKED_AT: Final = 1_500
"""Characters of a description that are looked at: forms put headings and notes before the words."""

LONGEST: Final = 180
"""Characters of an excerpt."""

_NOTE: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE: Final = re.compile(r"^ {0,3}(?:```|~~~)[^\n]*$", re.MULTILINE)
_HEADING: Final = re.compile(r"^ {0,3}#{1,6}(?:[ \t][^\n]*|)$", re.MULTILINE)
_LEADING: Final = re.compile(r"^[ \t]*(?:>[ \t]?|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?)+", re.MULTILINE)
_RULE: Final = re.compile(r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,400}\)")
_TAG: Final = re.compile(
    r"</?(?:details|summary|p|div|span|br|hr|b|i|u|em|strong|sub|sup|kbd|center|font|table|thead|tbody"
    r"|tr|td|th|ul|ol|li|h[1-6]|a|pre|code|img|picture|source)(?: [^<>\n]{0,300})?/?>",
    re.IGNORECASE,
)
"""Tags that lay out; anything else between angles is the reporter's, such as <module>."""

_EMPHASIS: Final = re.compile(r"\*\*|__|`")
_UNFILLED: Final = re.compile(r"^[ \t]*_?No response_?[ \t]*$", re.MULTILINE | re.IGNORECASE)


def excerpt_of(body: str) -> str:
    """Return the first words of a description on one line; empty where it has none.

    Headings are a form's more often than the reporter's, so they are kept only where nothing else
    is there.
    """
    text = _NOTE.sub(" ", body[:LOOKED_AT])
    text = _UNFILLED.sub("", _FENCE.sub("", text))
    return _plain(_HEADING.sub("", text)) or _plain(text.replace("#", ""))


def _plain(text: str) -> str:
    for mark in (_RULE, _LEADING, _TAG, _EMPHASIS):
        text = mark.sub("", text)
    words = " ".join(_LINK.sub(r"\1", text).split())
    if len(words) <= LONGEST:
        return words
    cut = words[:LONGEST].rpartition(" ")[0] or words[: LONGEST - 1]
    return f"{cut[: LONGEST - 1]}…"
