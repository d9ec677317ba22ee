"""Markdown from outside as HTML: a short list of tags, written here, and nothing passed through.

The parser is markdown-it-py; its own writer is not used. Raw HTML in the text is never written
out: tags that only lay out are dropped, images become links, anything else is shown as text.
"""

import html
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from firstmile.errors import UserError, pip_install
from firstmile.ui.web.lines import Quotes, block, inert_line, inert_text, opened, split

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST: Final = 70_000
"""A longer text is shown as a log; a tracker's own limit is 65,536 characters."""

BRACKETS: Final = 5_000
"""So many brackets are data rather than links, and take the parser seconds."""


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS: Final = _words_of(
    "p ul ol li blockquote table thead tbody tr th td strong em s h1 h2 h3 h4 h5 h6"
)
_LAYOUT: Final = _words_of(
    "details summary p div span br hr b i u em strong sub sup kbd center font table thead tbody "
    "tr td th ul ol li h1 h2 h3 h4 h5 h6 a pre code small big picture source"
)
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b([^<>]{0,2000})>")
_SOURCE: Final = re.compile(r"""\bsrc\s{0,9}=\s{0,9}["']?([^"'\s<>]{1,1000})""", re.IGNORECASE)
_NAMED: Final = re.compile(r"""\balt\s{0,9}=\s{0,9}["']([^"'<>]{0,300})""", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`]{3,1000}")
_LOGGED: Final = re.compile(
    r"^ {0,12}(?:File \"[^\"\n]{1,300}\", line \d|at [\w.$]{1,200}\("
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d"
    r"|\[?(?:INFO|WARNING|WARN|ERROR|DEBUG)\b|(?:INFO|WARNING|ERROR) \d\d-\d\d|\[rank\d)",
    re.MULTILINE,
)
_LOGGED_FROM: Final = 2


def render(text: str, quotes: Quotes) -> str:
    """Return a text as HTML in which every line that can be quoted is an element `.line`."""
    if len(text) > LONGEST or text.count("[") > BRACKETS:
        return block(split(text), quotes)
    try:
        return _Writer(inert_text(text), quotes).written()
    except RecursionError:
        return block(split(text), quotes)


@cache
def _parser() -> "MarkdownIt":
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise UserError(
            f"The pages need a package that is not installed: {pip_install('serve')}."
        ) from error
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(
        ["table", "strikethrough"]
    )


class _Writer:
    """Writes one text; lines end where the text's own do, as the trackers show it."""

    def __init__(self, text: str, quotes: Quotes) -> None:
        self._lines = split(text)
        self._tokens = _parser().parse(text)
        self._quotes = quotes
        self._out: list[str] = []

    def written(self) -> str:
        """Return the HTML."""
        for place, token in enumerate(self._tokens):
            if token.level == 0 and token.tag == "p":
                logged = self._logged(self._tokens[place + token.nesting])
                if logged and token.nesting > 0:
                    self._out.append(block(logged, self._quotes))
                if not logged:
                    self._block(token)
            elif token.type != "inline" or token.level != 1 or not self._logged(token):
                self._block(token)
        return "".join(self._out)

    def _block(self, token: "Token") -> None:
        if token.type == "inline":
            self._inline(token)
        elif token.type in ("fence", "code_block"):
            words = token.info.split()
            lines = split(token.content.removesuffix("\n"))
            self._out.append(block(lines, self._quotes, language=words[0][:20] if words else ""))
        elif token.type == "html_block":
            self._html(token.content)
        elif token.type == "hr":
            self._out.append("<hr>")
        elif token.tag in _TAGS and not token.hidden:
            self._out.append(_tag(token))

    def _logged(self, token: "Token") -> list[str]:
        """Return the lines of a paragraph that is a log pasted without a fence, else none."""
        if token.type != "inline" or token.map is None:
            return []
        source = self._lines[token.map[0] : token.map[1]]
        found = len(_LOGGED.findall("\n".join(source)))
        return source if found >= _LOGGED_FROM else []

    def _inline(self, token: "Token") -> None:
        self._out.append("".join(self._inline_lines(token.children or [])))

    def _inline_lines(self, children: Sequence["Token"]) -> list[str]:
        """Return one element a line; a line break inside emphasis or a link does not split."""
        lines: list[str] = []
        written: list[str] = []
        said: list[str] = []
        depth = 0

        def end() -> None:
            if "".join(said).strip():
                who = self._quotes.of("".join(said))
                lines.append(f"{opened('line', who)}{''.join(written)}</span>")
            written.clear()
            said.clear()

        for child in children:
            if child.type in ("softbreak", "hardbreak"):
                if depth == 0:
                    end()
                else:
                    written.append("<br>")
                    said.append(" ")
                continue
            depth += child.nesting
            markup, words = _inline(child, in_link=depth > 0)
            written.append(markup)
            said.append(words)
        end()
        return ["<br>".join(lines)]

    def _html(self, content: str) -> None:
        """Show a block of raw HTML by its words; a comment, such as a form's advice, not at all."""
        for line in split(_without_comments(content)):
            words = _words(line)
            if words.strip():
                who = self._quotes.of(words)
                self._out.append(f"<p>{opened('line', who)}{words}</span></p>")


def _tag(token: "Token") -> str:
    if token.nesting < 0:
        return f"</{'p' if token.tag[0] == 'h' else token.tag}>"
    if token.tag[0] == "h" and token.tag[1:].isdigit():
        return '<p class="heading">'
    if token.tag == "ol":
        start = str(token.attrGet("start") or "")
        return f'<ol start="{start}">' if start.isdigit() and len(start) < 7 else "<ol>"
    return f"<{token.tag}>"


def _inline(token: "Token", *, in_link: bool) -> tuple[str, str]:
    """Return an inline token's HTML and its words."""
    if token.type == "text":
        return (html.escape(token.content) if in_link else _linked(token.content)), token.content
    if token.type == "code_inline":
        return f"<code>{html.escape(token.content)}</code>", token.content
    if token.type == "image":
        if in_link:
            return html.escape(f"image: {token.content}"), token.content
        return _image(str(token.attrGet("src") or ""), token.content), token.content
    if token.type == "link_open":
        return _link_start(str(token.attrGet("href") or "")), ""
    if token.type == "link_close":
        return "</a>", ""
    if token.type == "html_inline":
        words = _words(token.content)
        return words, words
    if token.tag in _TAGS and token.nesting:
        return _tag(token), ""
    return html.escape(token.content), token.content


def _linked(text: str) -> str:
    """Return text with its bare addresses as links."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(".,;:!?)]}*")
        parts.append(html.escape(text[end : found.start()]))
        parts.append(f"{_link_start(address)}{html.escape(address)}</a>")
        end = found.start() + len(address)
    parts.append(html.escape(text[end:]))
    return "".join(parts)


def _link_start(address: str) -> str:
    if not address.lower().startswith(("https://", "http://")):
        return '<a class="dead">'
    return (
        f'<a href="{html.escape(inert_line(address))}" target="_blank" '
        'rel="noopener noreferrer nofollow" tabindex="-1">'
    )


def _image(address: str, name: str) -> str:
    words = html.escape(f"image: {name.strip() or 'no description'}")
    return f'<span class="image">{_link_start(address)}{words}</a></span>'


def _words(text: str) -> str:
    """Return raw HTML as text: layout dropped, images as links, what else there is escaped."""
    parts, end = [], 0
    for found in _TAG.finditer(text):
        parts.append(html.escape(text[end : found.start()]))
        end = found.end()
        name = found[2].lower()
        if name == "img" and not found[1]:
            source, named = _SOURCE.search(found[3]), _NAMED.search(found[3])
            parts.append(
                _image(
                    html.unescape(source[1]) if source else "",
                    html.unescape(named[1]) if named else "",
                )
            )
        elif name not in _LAYOUT:
            parts.append(html.escape(found[0]))
    parts.append(html.escape(text[end:]))
    return "".join(parts)


def _without_comments(text: str) -> str:
    parts, end = [], 0
    while (start := text.find("<!--", end)) >= 0:
        parts.append(text[end:start])
        close = text.find("-->", start + 4)
        if close < 0:
            return "".join(parts)
        end = close + 3
    parts.append(text[end:])
    return "".join(parts)
