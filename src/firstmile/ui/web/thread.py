"""A thread as parts to read: the report, then each comment, with who wrote it and when."""

import html
import itertools
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
    fits = _fitting(issue)
    for comment in issue.comments[:fits]:
        yield {
            "who": _who(comment, issue),
            "at": day(comment.created_at),
            "html": Markup(_shown(comment.body, quotes)),  # noqa: S704 - written tag by tag
            "first": False,
        }
    if left := len(issue.comments) - fits:
        yield _absent(
            counted(left, "more comment"), "Too long for this page: the plain text has them."
        )
    if issue.missing_comments:
        missing = counted(issue.missing_comments, "comment")
        yield _absent(
            f"{missing} missing", "The source held only the number of comments, not what they say."
        )


def _absent(what: str, why: str) -> dict[str, Any]:
    """Return the part that stands where comments would, had the page them."""
    return {"who": what, "at": "", "html": Markup("<p>{}</p>").format(why), "first": False}


def _fitting(issue: Issue) -> int:
    """Return how many comments a page shows before the thread is too long for it."""
    written = itertools.accumulate(
        (len(comment.body) for comment in issue.comments), initial=len(issue.body)
    )
    return sum(length <= CEILING for length in itertools.islice(written, 1, None))


def end(issue: Issue, *, whole: bool = True) -> str:
    """Say what ends where the page's text ends: the thread, or only as much of it as is here."""
    if not whole:
        return "End of the description. The screen shows no comments; verifying shows them all."
    lacking = []
    if cut := len(issue.comments) - _fitting(issue):
        lacking.append(f"{counted(cut, 'comment')} that the plain text has")
    if issue.missing_comments:
        lacking.append(f"{counted(issue.missing_comments, 'comment')} that the source did not hold")
    if lacking:
        return f"End of what is here. Missing from the thread: {' and '.join(lacking)}."
    return "End of the thread." if issue.comments else "End of the thread: it has no comments."


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
