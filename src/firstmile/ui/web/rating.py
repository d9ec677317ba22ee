"""What a rater sees of one issue: in the screen, on the whole thread, for labels, between two."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.study.decisions import Decision, Step, label_of
from firstmile.study.issues import Issue
from firstmile.study.ledger import COMPARED
from firstmile.study.queues import disagreement
from firstmile.taxonomy import Axis, Taxonomy
from firstmile.ui.web import thread
from firstmile.ui.web.codebook import reasons_data
from firstmile.ui.web.lines import Quotes
from firstmile.ui.web.site import Site, locked

NAMES: Final[Mapping[Step, str]] = {
    Step.SCREEN: "Screen",
    Step.VERIFY: "Verify",
    Step.AUDIT: "Audit",
    Step.LABEL: "Label",
    Step.ADJUDICATE: "Adjudicate",
}
QUESTIONS: Final[Mapping[Step, str]] = {
    Step.SCREEN: "Does this report a failure that belongs in the study?",
    Step.VERIFY: "With the whole thread read: is it a failure that belongs in the study?",
    Step.AUDIT: "This was discarded. Is it a failure that belongs in the study after all?",
}


@locked
def rating_data(site: Site, step: Step, rater: str, wanted: str | None) -> dict[str, Any]:
    """Return what the page of a step holds, in plain form: its JSON twin.

    `wanted` names an issue to look at again; otherwise it is the rater's next. Nothing in it
    comes from another rater, except where raters' labels are compared.
    """
    site.refresh()
    url = wanted
    if url is None:
        url = site.queues.next(step, rater, opens=lambda one: site.issue(one) is not None)
    issue = site.issue(url) if url else None
    day = site.stamp()[:10]
    mine = site.ledger.of(step, rater).get(url) if url else None
    last = site.queues.last(step, rater)
    design = site.folder.design
    data: dict[str, Any] = {
        "step": step.value,
        "rater": rater,
        "study": design.study.name,
        "codebook": site.taxonomy.version,
        "progress": msgspec.to_builtins(site.queues.progress(step, rater, day=day)),
        "issue": _issue_data(issue, whole=step is not Step.SCREEN) if issue else None,
        "mine": _decision_data(mine) if mine else None,
        "last": _last_data(last) if last else None,
        "suggestion": None,
        "raters": None,
        "known": 0,
        "decided": None,
    }
    if step in (Step.SCREEN, Step.VERIFY, Step.AUDIT):
        data["reasons"] = reasons_data("description" if step is Step.SCREEN else "thread")
    if issue and step is Step.LABEL and design.label.suggestions and site.suggest:
        data["suggestion"] = dict(site.suggest(issue))
    if issue and step is Step.ADJUDICATE:
        if issue.url not in site.ledger.opened:
            site.decisions.note(
                COMPARED,
                {
                    "issue": issue.url,
                    "rater": rater,
                    "raters": list(site.queues.compared(issue.url)),
                },
                at=site.stamp(),
            )
            site.refresh()
        data["raters"] = labels_data(site, issue.url)
        latest = latest_adjudication(site, issue.url)
        data["known"] = latest.id if latest else 0
        if latest and latest.rater != rater:
            data["decided"] = _decision_data(latest, site.taxonomy)
    return data


def latest_adjudication(site: Site, url: str) -> Decision | None:
    """Return the latest standing decision between raters on an issue, whoever made it."""
    return max(site.ledger.on(url)[Step.ADJUDICATE], key=lambda one: one.id, default=None)


def labels_data(site: Site, url: str) -> dict[str, Any]:
    """Return the raters' labels of an issue side by side, and where they differ."""
    labels = list(site.ledger.on(url)[Step.LABEL])
    raters = site.queues.compared(url)
    taxonomy = site.taxonomy
    order = {name: place for place, name in enumerate(raters)}
    labels = sorted((one for one in labels if one.rater in order), key=lambda o: order[o.rater])
    return {
        "differ": [axis.value for axis in disagreement(labels, raters)],
        "labels": [_decision_data(one, taxonomy) for one in labels],
    }


def reading(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template shows of the issue in `data`, beyond the data themselves."""
    step = Step(data["step"])
    issue = site.issue(data["issue"]["url"])
    assert issue is not None
    quotes = Quotes(
        (one["rater"], one["value"]["quote"])
        for one in (data["raters"] or {}).get("labels", ())
        if one["value"].get("quote")
    )
    whole = step is not Step.SCREEN
    return {
        "title": thread.title(issue),
        "parts": thread.parts(issue, quotes=quotes, whole=whole),
        "end": thread.end(issue, whole=whole),
        "question": _question(step, issue),
        "plain": f"{address_of(issue)}/thread.txt",
    }


def _question(step: Step, issue: Issue) -> str:
    if step is Step.VERIFY and issue.missing_comments:
        return (
            "With all that is here of the thread read: is it a failure that belongs in the study?"
        )
    return QUESTIONS.get(step, "")


@locked
def waiting(site: Site, rater: str) -> list[dict[str, Any]]:
    """Return the steps in which something waits for a rater, in the order of the study."""
    found = []
    for step in known_steps(site, rater):
        progress = site.queues.progress(step, rater, day="")
        if progress.total > progress.done:
            left = progress.total - progress.done
            found.append({"step": step.value, "name": NAMES[step], "left": left})
    return found


def address_of(issue: Issue) -> str:
    """Return an issue's own page here."""
    return f"/issues/{issue.repository}/{issue.number}"


def touched(decision: Decision, taxonomy: Taxonomy) -> str:
    """Say how a changed codebook touches a decision; empty where it does not."""
    if decision.value is None:
        return ""
    value = label_of(decision)
    gone = [
        code
        for axis in Axis
        if (code := getattr(value, axis.value)) and code not in taxonomy.by_code
    ]
    if gone:
        return f"{', '.join(gone)} is no longer in the codebook"
    if decision.codebook != taxonomy.version:
        return f"decided under codebook {decision.codebook}; it is now {taxonomy.version}"
    return ""


def _decision_data(decision: Decision, taxonomy: Taxonomy | None = None) -> dict[str, Any]:
    data = {
        "id": decision.id,
        "rater": decision.rater,
        "at": decision.at,
        "codebook": decision.codebook,
        "value": decision.value,
        "reason": decision.reason,
    }
    if taxonomy is not None:
        value = label_of(decision)
        data["touched"] = touched(decision, taxonomy)
        data["names"] = {axis.value: name_of(getattr(value, axis.value), taxonomy) for axis in Axis}
    return data


def name_of(code: str | None, taxonomy: Taxonomy) -> str:
    """Return a code's label; the code itself where the codebook has lost it."""
    if code is None:
        return "cannot tell"
    term = taxonomy.by_code.get(code)
    return term.label if term else code


def _last_data(last: Decision) -> dict[str, Any]:
    """Return what brings a decision back into the form once it is undone."""
    return {"issue": last.issue, "value": last.value, "reason": last.reason}


def _issue_data(issue: Issue, *, whole: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "url": issue.url,
        "page": address_of(issue),
        "repository": issue.repository,
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "created_at": issue.created_at,
        "deleted": issue.deleted,
    }
    if whole:
        data["people"] = len(issue.participants)
        data["missing_comments"] = issue.missing_comments
        data["comments"] = [msgspec.to_builtins(comment) for comment in issue.comments]
    return data


@locked
def may_open(site: Site, step: Step, rater: str, wanted: str | None) -> tuple[int, str]:
    """Return 200, or the status and the sentence for why a rater gets no page."""
    site.refresh()
    if rater not in site.queues.raters(step):
        return 403, f"{rater} has no part in this step: see the study.toml."
    if wanted is not None and not site.queues.is_open(step, rater, wanted):
        return 404, "This issue is not open to you in this step (any more)."
    return 200, ""


def known_steps(site: Site, rater: str) -> list[Step]:
    """Return the steps that a rater has a part in, in the order of the study."""
    return [step for step in Step if rater in site.queues.raters(step)]
