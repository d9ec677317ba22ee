"""A thread as parts to read: the report, then each comment, with who wrote it and when."""

import html
from collections.abc import Iterator
from typing import Any, Final

from markupsafe import Markup

from firstmile.rendering.inert import visible
from firstmile.study.issues import Comment, Issue
from firstmile.study.wording import counted
from firstmile.ui.web.lines import Quotes, inert_text
from firstmile.ui.web.markdown import render

CEILING: Final = 3_000_000
"""Characters of a thread that a page shows; comments past it are in the plain text alone."""

_ROLES: Final = {
    "OWNER": "maintainer",
    "MEMBER": "maintainer",
    "COLLABORATOR": "maintainer",
    "CONTRIBUTOR": "contributor",
}


def parts(issue: Issue, *, quotes: Quotes, whole: bool = True) -> list[dict[str, Any]]:
    """Return the parts of a thread as the template shows them; `whole` adds the comments."""
    return list(_parts(issue, quotes, whole))


def _parts(issue: Issue, quotes: Quotes, whole: bool) -> Iterator[dict[str, Any]]:
    yield {
        "who": _who(issue, issue, first=True),
        "at": day(issue.created_at),
        "html": Markup(_shown(issue.body, quotes)),  # noqa: S704 - written tag by tag
        "first": True,
    }
    if not whole:
        return
    written = len(issue.body)
    for place, comment in enumerate(issue.comments):
        written += len(comment.body)
        if written > CEILING:
            left = len(issue.comments) - place
            yield {
                "who": counted(left, "more comment"),
                "at": "",
                "html": Markup("<p>Too long for this page: the plain text has them.</p>"),
                "first": False,
            }
            return
        yield {
            "who": _who(comment, issue),
            "at": day(comment.created_at),
            "html": Markup(_shown(comment.body, quotes)),  # noqa: S704 - written tag by tag
            "first": False,
        }
    if issue.missing_comments:
        yield {
            "who": f"{counted(issue.missing_comments, 'comment')} missing",
            "at": "",
            "html": Markup("<p>Not in the source.</p>"),
            "first": False,
        }


def _shown(text: str, quotes: Quotes) -> str:
    return render(text, quotes) if text.strip() else "<p class='empty'>No text.</p>"


def _who(written: Issue | Comment, issue: Issue, *, first: bool = False) -> str:
    author = written.author
    if author is None:
        return "somebody whose account is gone"
    if not author:
        return "author not known"
    if written.by_bot:
        return f"bot {visible(author)[:10]}"
    role = _ROLES.get((written.association or "").upper(), "")
    if author == issue.author:
        return f"the reporter, {role}" if role and not first else "the reporter"
    return f"{role or 'user'} {visible(author)[:10]}"


def day(time: str | None) -> str:
    """Return the day of an ISO 8601 time."""
    return visible(time[:10]) if time else ""


def plain_text(issue: Issue) -> str:
    """Return a whole thread as text that can act on nothing."""
    said = [issue.title, issue.body, *(comment.body for comment in issue.comments)]
    rule = "\n\n" + "-" * 72 + "\n\n"
    return rule.join(map(inert_text, said)) + "\n"


def title(issue: Issue) -> str:
    """Return an issue's title on one line, never empty."""
    return visible(" ".join(issue.title.split())) or "No title"


def escaped(text: str) -> Markup:
    """Return text for a page, everything unseen in it spelled out."""
    return Markup(html.escape(inert_text(text)))  # noqa: S704 - escaped here
