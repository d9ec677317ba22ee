"""An examination as a page of its own, and as the part of it that a notebook shows."""

import re
from typing import Final

from firstmile.rendering.examination import (
    MARKS,
    Plain,
    accepted_words,
    beside,
    capital,
    context_words,
    costs,
    grouped,
    places,
    quoted,
    remarks,
    remedy_of,
    shown,
    summary,
    title_of_change,
    why_no_memory,
)
from firstmile.rendering.inert import in_html, visible, with_code

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FLAG: Final = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]{1,31}(?![\w-])")
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --bad: #b3261e; --mild: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --mild: #ffc266; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin-bottom: .5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
article { border-top: 1px solid var(--line); padding: .8rem 0; }
p, ul { margin: .5rem 0; }
pre { background: var(--soft); padding: .6rem .8rem; border-radius: .4rem; white-space: pre-wrap;
  margin: .5rem 0; }
code { font: .9em ui-monospace, monospace; } .flag { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { width: 38%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-top: 1px solid var(--line); font-weight: normal; }
tr.place th, tr.place td { font-weight: 600; } td { font-variant-numeric: tabular-nums; }
.fail, .error { color: var(--bad); } .warn { color: var(--mild); } .mark { font-weight: 700; }
.summary { font-size: 1.05rem; } .id, .versions { font-size: .85rem; opacity: .75; }
details > summary { cursor: pointer; }
"""


def as_page(data: Plain, *, title: str = "firstmile check", all_of_it: bool = False) -> str:
    """Return a page of its own: no script, nothing loaded, everything from outside escaped."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{in_html(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n<h1>{in_html(title)}</h1>\n{as_fragment(data, all_of_it=all_of_it)}\n"
        "</main></body></html>\n"
    )


def as_fragment(data: Plain, *, all_of_it: bool = False) -> str:
    """Return what stands on the page, without a style, as a notebook shows it in its own."""
    body = [
        f"<pre><code>{flagged(data['subject'])}</code></pre>",
        f'<p class="summary"><strong>{in_html(summary(data))}</strong></p>',
    ]
    for title, findings in grouped(shown(data, all_of_it=all_of_it)):
        body.append(f"<section><h2>{in_html(title)}</h2>")
        body += [_finding(each) for each in findings]
        body.append("</section>")
    body += _smallest_change(data)
    body += _memory(data)
    body += _not_seen(data)
    versions = ", ".join(f"{name} {each}" for name, each in data["versions"].items())
    body.append(f'<p class="versions">{in_html(versions)}; {in_html(data["started"])}</p>')
    return "\n".join(body)


def _finding(each: Plain) -> str:
    outcome = each["outcome"]
    lines = [
        f'<article><h3><span class="mark {in_html(outcome)}">{MARKS[outcome]}</span> '
        f"{flagged(each['message'])}</h3>"
    ]
    if each["evidence"]:
        quotations = "\n".join(quoted(one) for one in each["evidence"])
        lines.append(f"<pre><code>{flagged(quotations)}</code></pre>")
    if each["suppressed"] is not None:
        lines.append(f"<p>{in_html(accepted_words(each['suppressed']))}</p>")
    if each["why"]:
        lines.append(f"<p><strong>Why</strong> {explained(capital(each['why']))}</p>")
    remedy = remedy_of(each)
    if remedy:
        lines.append(f"<p><strong>Fix</strong> {explained(remedy)}</p>")
    if each["entries"]:
        known = ", ".join(f"<code>{in_html(one)}</code>" for one in each["entries"])
        lines.append(f"<p>Known failures: {known}</p>")
    links = "".join(
        f'<li><a rel="noreferrer" href="{in_html(url)}">{in_html(url)}</a></li>'
        for url in each["references"]
        if url.startswith("https://")
    )
    if links:
        lines.append(f"<details><summary>Learn more</summary><ul>{links}</ul></details>")
    lines.append(f'<p class="id"><code>{in_html(each["check"])}</code></p></article>')
    return "\n".join(lines)


def _smallest_change(data: Plain) -> list[str]:
    change = data["smallest_change"]
    if change is None:
        return []
    body = [f"<section><h2>{title_of_change(change)}</h2>", f"<p>{flagged(change['because'])}</p>"]
    if change["hardware"]:
        body.append(f"<p>{in_html(change['hardware'])}</p>")
    if change["steps"]:
        steps = "".join(f"<li>{flagged(step)}</li>" for step in change["steps"])
        body.append(f"<ul>{steps}</ul>")
    if change["loses"]:
        body.append(f"<p>{in_html(costs(change))}</p>")
    if left := beside(change):
        body.append(f"<p>{flagged(left)}</p>")
    if change["command"]:
        body.append(f"<pre><code>{flagged(change['command'])}</code></pre>")
    return [*body, "</section>"]


def _memory(data: Plain) -> list[str]:
    memory = data["memory"]
    if memory is None:
        said = why_no_memory(data)
        return [f"<p>Memory is not known: {in_html(said)}.</p>"] if said else []
    rows = []
    for name, total, parts in places(memory):
        rows.append(
            f'<tr class="place"><th scope="row">{in_html(name)}</th><td>{in_html(total)}</td></tr>'
        )
        rows += [
            f'<tr><th scope="row">{in_html(part)}</th><td>{in_html(amount)}</td></tr>'
            for part, amount in parts
        ]
    assumed = "".join(f"<li>Assumed: {in_html(one)}.</li>" for one in memory["assumptions"])
    return [
        f"<section><h2>Memory</h2>\n<table>{''.join(rows)}</table>",
        f"<p>{in_html(context_words(memory))}</p>",
        *([f"<ul>{assumed}</ul>"] if assumed else []),
        "</section>",
    ]


def _not_seen(data: Plain) -> list[str]:
    body = []
    if data["not_understood"]:
        told = "\n".join(visible(one) for one in data["not_understood"])
        body.append("<h2>Not understood of the command, and not judged</h2>")
        body.append(f"<pre><code>{flagged(told)}</code></pre>")
    body += [f"<p>{flagged(said)}</p>" for said in remarks(data)]
    if data["not_known"]:
        items = "".join(
            f"<li>{in_html(one['what'])}: {in_html(one['reason'])}</li>"
            for one in data["not_known"]
        )
        body.append(f"<details><summary>Could not be looked at</summary><ul>{items}</ul></details>")
    return body


def explained(text: str) -> str:
    """Return escaped text in which what stands between backquotes is code."""
    return with_code(text, flagged, lambda code: f"<code>{flagged(code)}</code>")


def flagged(text: str) -> str:
    """Return escaped text whose flags no browser breaks at their hyphens, unless they are long."""
    return _FLAG.sub(r'<span class="flag">\g<0></span>', in_html(text))
