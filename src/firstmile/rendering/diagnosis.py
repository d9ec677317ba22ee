"""A diagnosis, in its plain form, as text for a terminal, as Markdown and as a page."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from firstmile.rendering.inert import fenced, in_html, in_markdown, visible
from firstmile.rendering.wrapping import wrapped

Plain = Mapping[str, Any]

LIKELY: Final = 0.1
"""Hypotheses below it are not shown, but for the first."""
MOST_SHOWN: Final = 3
MOST_LINES: Final = 12
_AXES: Final = (("symptoms", "What failed"), ("causes", "Why"), ("stages", "When"))


def as_text(
    data: Plain,
    *,
    width: int = 100,
    bold: Callable[[str], str] = str,
    dim: Callable[[str], str] = str,
) -> str:
    """Return lines for a terminal, in which nothing of the input acts."""
    lines: list[str] = []
    if data["abstained"]:
        reason = f"No answer: {data['abstained_because']}."
        lines += textwrap.wrap(bold(reason), width)
        lines += ["The likeliest all the same:", ""] if _axes(data) else []
    for key, title in _axes(data):
        for place, one in enumerate(_likely(data[key])):
            head = bold(f"{title:<13}") if place == 0 else " " * 13
            lines.append(f"{head} {_percent(one['probability']):>4}  {one['label']}")
    if data.get("reranked"):
        lines += ["", *wrapped(_reranked(data), width=width)]
    if data["evidence"] and _axes(data):
        lines += ["", bold("Proof")]
        lines += [f"  {_place(one)}  {visible(one['text'])}" for one in _some(data["evidence"])]
        lines += _more(data["evidence"])
    lines += _known_text(data, width, bold, dim)
    if data["similar"]:
        lines += ["", bold("Similar cases")]
        for one in data["similar"]:
            lines.append(f"  {one['url']}  {dim(one['outcome'])}")
            lines += wrapped(one["title"], indent="    ", width=width)
            lines += wrapped(one["resolution"], indent="    ", width=width)
    if data["questions"]:
        lines += ["", bold("What would decide it")]
        for one in data["questions"]:
            lines += wrapped(f"{one['what']}:", indent="  ", width=width)
            lines.append(f"    {one['command']}")
    return "\n".join(lines) + "\n"


def _known_text(
    data: Plain, width: int, bold: Callable[[str], str], dim: Callable[[str], str]
) -> list[str]:
    lines: list[str] = []
    remedies = {one["entry"]: one for one in data["remedies"]}
    consequences = [one for one in data["entries"] if one["is_consequence"]]
    chosen = [one for one in data["entries"] if one["id"] in remedies]
    for place, one in enumerate(chosen):
        certain = "Known failure" if one["decides"] else "Perhaps"
        lines += ["", f"{bold(certain)}  {visible(one['title'])}"]
        if place == 0:
            lines += [f"  {visible(line)}" if line else "" for line in _lines(remedies, one)]
        lines.append(dim(f"  firstmile explain {visible(one['id'])}"))
    left = [one for one in consequences if one["id"] not in remedies]
    if left:
        lines += ["", bold("What followed from it")]
        lines += [f"  {visible(one['title'])}" for one in left[:MOST_SHOWN]]
    return lines


def _lines(remedies: Mapping[str, Plain], one: Plain) -> list[str]:
    fix: str = remedies[one["id"]]["fix"]
    return fix.split("\n")


def as_markdown(data: Plain) -> str:
    """Return Markdown for an issue or a chat; what the input says stands in blocks of code."""
    lines: list[str] = []
    if data["abstained"]:
        lines += [f"**No answer:** {data['abstained_because']}.{_all_the_same(data)}", ""]
    axes = _axes(data)
    lines += ["| | | |", "|---|---|---|"] if axes else []
    for key, title in axes:
        for place, one in enumerate(_likely(data[key])):
            head = f"**{title}**" if place == 0 else ""
            lines.append(f"| {head} | {one['label']} | {_percent(one['probability'])} |")
    if data.get("reranked"):
        lines += ["", in_markdown(_reranked(data))]
    if data["evidence"] and _axes(data):
        quoted = [f"{_place(one)}  {visible(one['text'])}" for one in _some(data["evidence"])]
        quoted += _more(data["evidence"])
        lines += ["", "**Proof**", "", *fenced(quoted)]
    for one in data["remedies"]:
        lines += ["", f"### {in_markdown(one['title'])}", "", _lines_inert(one["fix"])]
    if data["similar"]:
        lines += ["", "**Similar cases**", ""]
        lines += [
            f"- <{one['url']}> ({one['outcome']}): {in_markdown(one['title'])}"
            for one in data["similar"]
        ]
    if data["questions"]:
        lines += ["", "**What would decide it**", ""]
        for one in data["questions"]:
            lines += [f"- {one['what']}:", "", "  ```", f"  {one['command']}", "  ```"]
    return "\n".join(lines) + "\n"


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
    body = []
    if data["abstained"]:
        reason = in_html(data["abstained_because"])
        body.append(
            f'<p class="note"><strong>No answer:</strong> {reason}.{_all_the_same(data)}</p>'
        )
    rows = []
    for key, name in _axes(data):
        for place, one in enumerate(_likely(data[key])):
            head = name if place == 0 else ""
            rows.append(
                f'<tr><th scope="row">{head}</th><td>{in_html(one["label"])}</td>'
                f"<td>{in_html(_percent(one['probability']))}</td></tr>"
            )
    if rows:
        body.append(f"<table>{''.join(rows)}</table>")
    if data.get("reranked"):
        body.append(f'<p class="note">{in_html(_reranked(data))}</p>')
    if data["evidence"] and _axes(data):
        quoted = [f"{_place(one)}  {visible(one['text'])}" for one in _some(data["evidence"])]
        quoted += _more(data["evidence"])
        body += ["<h2>Proof</h2>", f"<pre><code>{in_html(chr(10).join(quoted))}</code></pre>"]
    if data["remedies"]:
        body.append("<h2>What to do</h2>")
    for one in data["remedies"]:
        body += [f"<h3>{in_html(one['title'])}</h3>", _markdown(one["fix"])]
    if data["similar"]:
        items = [
            f'<li><a rel="noreferrer" href="{in_html(one["url"])}">{in_html(one["title"])}</a> '
            f"({in_html(one['outcome'])}). {in_html(one['resolution'])}</li>"
            for one in data["similar"]
            if one["url"].startswith("https://")
        ]
        body += ["<h2>Similar cases</h2>", f"<ul>{''.join(items)}</ul>"]
    if data["questions"]:
        items = [
            f"<li>{in_html(one['what'])}:<pre><code>{in_html(one['command'])}</code></pre></li>"
            for one in data["questions"]
        ]
        body += ["<h2>What would decide it</h2>", f"<ul>{''.join(items)}</ul>"]
    return "\n".join(body)


def _axes(data: Plain) -> Sequence[tuple[str, str]]:
    """Return what is ranked, with its title; nothing where nothing failed.

    The likeliest failure of a run that did not fail would look like an answer.
    """
    return () if data.get("nothing_failed") else _AXES


def _all_the_same(data: Plain) -> str:
    return " The likeliest all the same:" if _axes(data) else ""


def _reranked(data: Plain) -> str:
    """Say whose opinion is in the probabilities beside ours."""
    model, host = data["reranked"]["model"], data["reranked"]["host"]
    return f"Half of each probability is the opinion of the model {model} at {host}."


def _percent(probability: float) -> str:
    """Return a probability in words that never claim certainty."""
    return ">99%" if probability > 0.99 else f"{probability:.0%}"


def _likely(hypotheses: Sequence[Plain]) -> list[Plain]:
    return [
        one
        for place, one in enumerate(hypotheses[:MOST_SHOWN])
        if place == 0 or one["probability"] >= LIKELY
    ]


def _place(one: Plain) -> str:
    place = f"line {one['line']}"
    return f"{visible(one['file'])} {place}" if "file" in one else place


def _some(evidence: Sequence[Plain]) -> Sequence[Plain]:
    return evidence[:MOST_LINES]


def _more(evidence: Sequence[Plain]) -> list[str]:
    left = len(evidence) - MOST_LINES
    return [f"  and {left} more lines"] if left > 0 else []


def _lines_inert(text: str) -> str:
    """Make text of several lines inert and keep its lines and indentation."""
    return "\n".join(visible(line.expandtabs(4)) for line in text.split("\n"))


def _markdown(text: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(_lines_inert(text)))
