"""A diagnosis, in its plain form, as text for a terminal, as Markdown and as a page."""

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Final

from firstmile.rendering.diagnosis_parts import Said, said
from firstmile.rendering.inert import fenced, in_html, in_markdown, visible
from firstmile.rendering.wrapping import columns, fitted, hanging, shortened, wrapped

Plain = Mapping[str, Any]
Words = Callable[[str], str]

_LABELS: Final = 20
"""The column in which labels begin."""
_PATH: Final = re.compile(r"(?<![\w:/.])(/[^/\s]+)(?:/[^/\s]+){2,}(/[^/\s]+)")
"""A path from the root on, through two folders and more; an address on the web is none."""
_ROWS: Final = 2
_SLACK: Final = 16
"""Columns that breaking between words may leave empty."""
_LEAST_SHOWN: Final = 40
"""Characters of a line of proof that are shown however narrow the terminal is."""


def as_text(
    data: Plain,
    *,
    width: int = 100,
    bold: Words = str,
    dim: Words = str,
) -> str:
    """Return lines for a terminal, in which nothing of the input acts.

    Prose is broken to the width. Commands are not, so that they can be copied; a line of proof
    takes two rows at most, and of a longer one the middle is left out.
    """
    parts = said(data)
    lines = [bold(line) for line in wrapped(parts.heading, width=width)]
    lines += [""] if lines else []
    lines += [bold(line) for line in wrapped(parts.reason, width=width)]
    lines += [parts.all_the_same, ""] if parts.all_the_same else []
    for one in parts.ranks:
        head = f"{one.title:<13} {one.chance:>4}  "
        first, *rest = hanging(one.label, first=" " * _LABELS, rest=" " * _LABELS, width=width)
        lines += [f"{bold(head[:13])}{head[13:]}{first[_LABELS:]}", *rest]
    if parts.opinion:
        lines += ["", *wrapped(parts.opinion, width=width)]
    if parts.proof:
        lines += ["", bold("Proof")]
        for each in parts.proof:
            place = f"  {visible(each.place)}  "
            first, *rest = _proof_rows(each.text, max(width - len(place), _LEAST_SHOWN))
            lines += [place + first, *(" " * len(place) + row for row in rest)]
        lines += [f"    {parts.left}"] if parts.left else []
    lines += _failures_as_text(parts, width, bold, dim)
    if parts.similar:
        lines += ["", bold("Similar cases")]
        for case in parts.similar:
            lines.append(f"  {visible(case['url'])}  {dim(visible(case['outcome']))}")
            lines += wrapped(case["title"], indent="    ", width=width)
            lines += wrapped(case["resolution"], indent="    ", width=width)
    if parts.questions:
        lines += ["", bold("What would decide it")]
        for asked in parts.questions:
            lines += wrapped(f"{asked['what']}:", indent="  ", width=width)
            lines.append(f"    {visible(asked['command'])}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _proof_rows(text: str, room: int) -> list[str]:
    """Return a line of proof in one or two rows of so many columns.

    Of a longer one first the paths in it lose their middle, then it does itself: what it says
    stands between. What has to be cut is redacted before, as half a secret is no longer known as
    one.
    """
    shown = visible(text)
    if columns(shown) <= room:
        return [shown]
    from firstmile.redaction import redact  # not needed for most lines

    shown = _PATH.sub(r"\1/…\2", visible(redact(text).text))
    words = [shortened(word, room) for word in shown.split()]
    if columns("".join(words)) != len("".join(words)):
        return [shortened(" ".join(words), room)]  # wide characters have no places to break at
    rows = textwrap.wrap(
        shortened(" ".join(words), _ROWS * room - _SLACK),
        width=room,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return rows or [""]


def _failures_as_text(parts: Said, width: int, bold: Words, dim: Words) -> list[str]:
    """Return the known failures; what to do is said of the likeliest alone, the others' is at
    hand by the command below them.
    """
    lines: list[str] = []
    for place, one in enumerate(parts.failures):
        head = f"{one.sureness}  "
        first, *rest = hanging(one.title, first=" " * len(head), rest="  ", width=width)
        lines += ["", f"{bold(head)}{first[len(head) :]}", *rest]
        if place == 0:
            lines += fitted(one.fix, indent="  ", width=width)
        lines.append(dim(f"  {visible(one.explain)}"))
    if parts.followed:
        lines += ["", bold("What followed from it")]
        for title in parts.followed:
            lines += wrapped(title, indent="  ", width=width)
    return lines


def as_markdown(data: Plain) -> str:
    """Return Markdown for an issue or a chat; what the input says stands in blocks of code."""
    parts = said(data)
    lines: list[str] = []
    if parts.heading:
        lines += [f"**{in_markdown(parts.heading)}**", ""]
    if parts.reason:
        lines += [f"**{in_markdown(parts.reason)}** {parts.all_the_same}".rstrip(), ""]
    if parts.ranks:
        lines += ["| | | |", "|---|---|---|"]
    for one in parts.ranks:
        head = f"**{one.title}**" if one.title else ""
        lines.append(f"| {head} | {in_markdown(one.label)} | {one.chance} |")
    if parts.opinion:
        lines += ["", in_markdown(parts.opinion)]
    if parts.proof:
        lines += ["", "**Proof**", "", *fenced(_proof(parts))]
    for each in parts.failures:
        lines += ["", f"### {each.sureness}: {in_markdown(each.title)}", "", _inert(each.fix)]
        lines += ["", f"`{visible(each.explain)}`"]
    if parts.followed:
        lines += ["", "**What followed from it**", ""]
        lines += [f"- {in_markdown(title)}" for title in parts.followed]
    if parts.similar:
        lines += ["", "**Similar cases**", ""]
        lines += [
            f"- <{visible(case['url'])}> ({in_markdown(case['outcome'])}): "
            f"{in_markdown(case['title'])}. {in_markdown(case['resolution'])}"
            for case in parts.similar
            if case["url"].startswith("https://")
        ]
    if parts.questions:
        lines += ["", "**What would decide it**", ""]
        for asked in parts.questions:
            lines += [f"- {in_markdown(asked['what'])}:", ""]
            lines += [f"  {line}" for line in fenced([visible(asked["command"])])]
    return "\n".join(lines).lstrip("\n") + "\n"


_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-top: 1px solid var(--line); font-weight: normal; }
th { font-weight: 600; white-space: nowrap; } td:last-child { text-align: right;
  white-space: nowrap; }
pre { background: var(--soft); padding: .6rem .8rem; border-radius: .4rem; white-space: pre-wrap; }
code { font: .9em ui-monospace, monospace; }
.note { border-left: .25rem solid var(--line); padding-left: .8rem; }
"""


def as_page(data: Plain, *, title: str) -> str:
    """Return a page of its own: no script, nothing loaded, everything from outside escaped."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{in_html(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n<h1>{in_html(title)}</h1>\n{as_fragment(data)}\n</body></html>\n"
    )


def as_fragment(data: Plain) -> str:
    """Return what stands on the page, without a style, as a notebook shows it in its own."""
    parts = said(data)
    body = [f"<p>{in_html(parts.heading)}</p>"] if parts.heading else []
    if parts.reason:
        body.append(
            f'<p class="note"><strong>{in_html(parts.reason)}</strong> {parts.all_the_same}</p>'
        )
    rows = [
        f'<tr><th scope="row">{one.title}</th><td>{in_html(one.label)}</td>'
        f"<td>{in_html(one.chance)}</td></tr>"
        for one in parts.ranks
    ]
    if rows:
        body.append(f"<table>{''.join(rows)}</table>")
    if parts.opinion:
        body.append(f'<p class="note">{in_html(parts.opinion)}</p>')
    if parts.proof:
        quoted = in_html("\n".join(_proof(parts)))
        body += ["<h2>Proof</h2>", f"<pre><code>{quoted}</code></pre>"]
    if parts.failures:
        body.append("<h2>What to do</h2>")
    for each in parts.failures:
        body += [f"<h3>{each.sureness}: {in_html(each.title)}</h3>", _markdown(each.fix)]
        body.append(f"<p><code>{in_html(each.explain)}</code></p>")
    if parts.followed:
        items = [f"<li>{in_html(title)}</li>" for title in parts.followed]
        body += ["<h2>What followed from it</h2>", f"<ul>{''.join(items)}</ul>"]
    if parts.similar:
        items = [
            f'<li><a rel="noreferrer" href="{in_html(case["url"])}">{in_html(case["title"])}</a> '
            f"({in_html(case['outcome'])}). {in_html(case['resolution'])}</li>"
            for case in parts.similar
            if case["url"].startswith("https://")
        ]
        body += ["<h2>Similar cases</h2>", f"<ul>{''.join(items)}</ul>"]
    if parts.questions:
        items = [
            f"<li>{in_html(asked['what'])}:<pre><code>{in_html(asked['command'])}</code></pre></li>"
            for asked in parts.questions
        ]
        body += ["<h2>What would decide it</h2>", f"<ul>{''.join(items)}</ul>"]
    return "\n".join(body)


def _proof(parts: Said) -> list[str]:
    """Return the lines of proof whole, where what shows them breaks them by itself."""
    lines = [f"{visible(one.place)}  {visible(one.text)}" for one in parts.proof]
    return [*lines, f"  {parts.left}"] if parts.left else lines


def _inert(text: str) -> str:
    """Make text of several lines inert and keep its lines and indentation."""
    return "\n".join(visible(line.expandtabs(4)) for line in text.split("\n"))


def _markdown(text: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(_inert(text)))
