"""Decisions as pages send them: read, checked, and on the disk before they are acknowledged."""

import re
from contextlib import nullcontext
from typing import Final, TypeVar

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.decisions import Decision, LabelValue, ScreenValue, Step
from firstmile.study.label_checks import LONGEST, unfit
from firstmile.study.ledger import SKIPPED
from firstmile.study.screening.reasons import Step as Reading
from firstmile.study.screening.reasons import reasons_for
from firstmile.taxonomy import Axis, Taxonomy
from firstmile.ui.web.site import Site, locked

LONGEST_CODE: Final = 200
"""Characters of a code that was suggested."""

_KEY: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FEWEST_WORDS: Final = 2
"""Words of a reason for a final decision: whoever reads it later has nothing else."""

_WORDS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
"""Words, of which a character of Chinese or Japanese is one."""

LABELLED: Final = (Step.LABEL, Step.ADJUDICATE)
"""The steps whose decisions rest on the codebook."""

_READS: Final[dict[Step, Reading]] = {
    Step.SCREEN: "description",
    Step.VERIFY: "thread",
    Step.AUDIT: "thread",
}

_Value = TypeVar("_Value", ScreenValue, LabelValue)


class NotSavedError(Exception):
    """Say why nothing was recorded; `status` is the answer's HTTP status.

    `key_taken` tells the page that its key names another decision, so that it makes a new one,
    `reload` that it shows what holds no more.
    """

    def __init__(
        self, status: int, sentence: str, *, key_taken: bool = False, reload: bool = False
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.key_taken = key_taken
        self.reload = reload


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page sends: a key made once for the decision, the issue, the value, the reason.

    `rater` is whose page it is: two raters may have used one browser since it was opened.
    `known` is the latest adjudication of the issue that the page knew, 0 for none, `codebook` the
    version that it showed.
    """

    key: str
    issue: str
    rater: str = ""
    known: int = 0
    codebook: str = ""
    value: msgspec.Raw = msgspec.Raw(b"null")
    reason: str = ""


def read_sent(body: bytes) -> Sent:
    """Return what a page sent; raises NotSavedError where it is not as agreed."""
    try:
        sent = msgspec.json.decode(body, type=Sent)
    except msgspec.MsgspecError as error:
        raise NotSavedError(400, f"The decision cannot be read: {visible(str(error))}.") from error
    if not _KEY.fullmatch(sent.key):
        raise NotSavedError(400, "The decision's key is not a UUID in lower case.")
    if len(sent.reason) > LONGEST:
        raise NotSavedError(400, f"The reason is longer than {LONGEST:,} characters.")
    return sent


def check_rater(rater: str, sent: Sent) -> None:
    """Raise NotSavedError where the page is one rater's and the browser by now another's."""
    if sent.rater and sent.rater != rater:
        raise NotSavedError(
            409,
            f"This page is {visible(sent.rater[:80])}'s, but this browser is now {rater}'s: open "
            "your own link again.",
        )


def save(site: Site, step: Step, rater: str, sent: Sent) -> Decision:
    """Record a decision and return it once it is on the disk; the same key records it once."""
    key = f"{step.value} {rater} {sent.key}"
    earlier = _earlier(site, step, rater, sent, key)
    if earlier is not None:
        return earlier
    taxonomy = site.taxonomy
    if step in LABELLED:
        _check_codebook(site, sent, taxonomy)
    value = _screened(step, sent) if step in _READS else _labelled(site, step, sent, taxonomy)
    # Another process may serve the same study: nothing comes between the look and the record.
    with site.decisions.together() if step is Step.ADJUDICATE else nullcontext():
        if step is Step.ADJUDICATE:
            _check_newest(site, sent, key)
        recorded = site.decisions.append(
            sent.issue,
            step,
            rater,
            value,
            codebook=taxonomy.version,
            at=site.stamp(),
            key=key,
            reason=_reason(step, sent),
            round=site.queues.round() if step is Step.LABEL else 0,
        )
    site.refresh()
    return _same(recorded, step, sent)


def undo(site: Site, step: Step, rater: str, sent: Sent) -> Decision:
    """Withdraw the rater's own standing decision on an issue; it stays on record."""
    key = f"undo {step.value} {rater} {sent.key}"
    earlier = _earlier(site, step, rater, sent, key)
    if earlier is not None:
        return earlier
    if sent.issue not in site.ledger.of(step, rater):
        raise NotSavedError(409, "There is no decision of yours on this issue to take back.")
    recorded = site.decisions.append(
        sent.issue,
        step,
        rater,
        None,
        codebook=site.taxonomy.version,
        at=site.stamp(),
        key=key,
        round=site.queues.round() if step is Step.LABEL else 0,
    )
    site.refresh()
    return _same(recorded, step, sent)


def skip(site: Site, step: Step, rater: str, sent: Sent) -> None:
    """Put an issue off: it comes again after all others."""
    _earlier(site, step, rater, sent, "")
    site.decisions.note(
        SKIPPED,
        {"issue": sent.issue, "step": step.value, "rater": rater},
        at=site.stamp(),
    )
    site.refresh()


@locked
def _earlier(site: Site, step: Step, rater: str, sent: Sent, key: str) -> Decision | None:
    """Return what is recorded under the key; raises where the rater may not decide now.

    What was recorded once is acknowledged again even if the issue has been closed since.
    """
    site.refresh()
    if key in site.ledger.by_key:
        return _same(site.ledger.by_key[key], step, sent)
    if rater not in site.queues.raters(step):
        raise NotSavedError(403, f"{rater} has no part in this step of the study.")
    if not site.queues.is_open(step, rater, sent.issue):
        raise NotSavedError(409, "This issue is not open in this step (any more).")
    return None


def _same(recorded: Decision, step: Step, sent: Sent) -> Decision:
    """Return what is recorded under a key if it is what was sent; raises where it is another.

    To acknowledge another decision would lose this one in silence.
    """
    given: ScreenValue | LabelValue | None = None
    if recorded.value is not None:
        given = _value(sent, ScreenValue) if step in _READS else _value(sent, LabelValue)
        known = msgspec.convert(recorded.value, type(given))
    else:
        known = None
    reason = "" if recorded.value is None else _reason(step, sent)
    if (recorded.issue, known, recorded.reason) == (sent.issue, given, reason):
        return recorded
    raise NotSavedError(
        409,
        "Another decision was recorded under this page's key. The page has a new key now: look "
        "at the issue again and decide once more.",
        key_taken=True,
    )


def _check_newest(site: Site, sent: Sent, key: str) -> None:
    """Raise NotSavedError where somebody adjudicated the issue while the page was open.

    Asks the file and not what is in memory, which may be behind it. What was sent twice at once
    is no decision of somebody else.
    """
    standing = site.decisions.current(Step.ADJUDICATE, issue=sent.issue)
    latest = max(standing, key=lambda one: one.id, default=None)
    if latest is not None and latest.id > sent.known and latest.key != key:
        raise NotSavedError(
            409,
            f"{latest.rater} has decided this issue since this page was opened: open it again "
            "from “Final decisions” to see that decision before you make another.",
        )


def _reason(step: Step, sent: Sent) -> str:
    return sent.reason.strip() if step is Step.ADJUDICATE else ""


def _screened(step: Step, sent: Sent) -> ScreenValue:
    value = _value(sent, ScreenValue)
    if len(value.note) > LONGEST:
        raise NotSavedError(400, f"A note is longer than {LONGEST:,} characters.")
    if value.include and value.reason:
        raise NotSavedError(400, "An issue that stays in has no reason to leave.")
    if not value.include:
        known = [reason.id for reason in reasons_for(_READS[step]) if not reason.by_machine]
        if value.reason not in known:
            raise NotSavedError(400, f"The reason must be one of {', '.join(known)}.")
    return value


def _check_codebook(site: Site, sent: Sent, taxonomy: Taxonomy) -> None:
    """Raise NotSavedError where the codebook cannot be used, or is not the one the page showed.

    A decision is recorded under the version that its rater had before the eyes, or not at all.
    """
    if site.codebook.problem:
        raise NotSavedError(503, site.codebook.problem)
    if sent.codebook and sent.codebook != taxonomy.version:
        raise NotSavedError(
            409,
            f"the codebook has changed from {visible(sent.codebook[:80])} to {taxonomy.version} "
            "since this page was opened. Load the page anew and look once more; what you chose "
            "is kept.",
            reload=True,
        )


def _labelled(site: Site, step: Step, sent: Sent, taxonomy: Taxonomy) -> LabelValue:
    value = _value(sent, LabelValue)
    try:
        site.note_codebook()
    except UserError as error:
        raise NotSavedError(409, str(error)) from error
    if len(value.cannot_tell) > len(set(value.cannot_tell)):
        raise NotSavedError(400, "What cannot be told is named twice.")
    # A code may have been suggested that the codebook has lost: it is not looked up.
    for axis, code in (value.suggested or {}).items():
        if axis not in set(Axis) or len(code) > LONGEST_CODE:
            raise NotSavedError(400, "What was suggested is no code of an axis.")
    wrong = unfit(value, taxonomy, ecosystem=site.folder.design.study.ecosystem)
    if wrong is not None:
        raise NotSavedError(400, wrong.problem)
    if step is Step.ADJUDICATE and len(_WORDS.findall(sent.reason)) < FEWEST_WORDS:
        raise NotSavedError(400, "A decision between raters needs its reason, in words.")
    return value


def _value(sent: Sent, kind: type[_Value]) -> _Value:
    try:
        return msgspec.json.decode(sent.value, type=kind)
    except msgspec.MsgspecError as error:
        raise NotSavedError(400, f"The decision cannot be read: {visible(str(error))}.") from error
