"""What a study publishes: rows, decisions and what is known of how they came to be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from firstmile.errors import UserError
from firstmile.study.decisions import Step
from firstmile.study.reading.quoting import quoted
from firstmile.study.stated import DatasheetTable
from firstmile.taxonomy import Axis, Taxonomy

REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
ISSUE: Final = re.compile(
    r"https?://[A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9._/-]{1,300}/(?:issues|pull|discussions)/"
    r"[1-9][0-9]{0,9}"
)
"""Addresses that can stand in a file of ours without further care."""

WORDS: Final = ("title", "quote", "note", "explanation")
"""Fields of rows and decisions that hold what people wrote."""

DELETED: Final = "deleted.json"
"""The file that lists the issues of the tables that were deleted."""

RATER: Final = re.compile(r"rater-[1-9][0-9]{0,3}")


class DecidedBy(StrEnum):
    """How the labels of a row became final."""

    ADJUDICATED = "adjudicated"
    AGREED = "agreed"
    SINGLE = "single"


class FailureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled failure; None is not known.

    `symptom`, `cause` and `stage` are codes of the codebook. `status` is open or closed, and
    closed does not mean resolved. `duplicate_group` names the group of issues that this one
    stands for. `title` and `quote` (the line that decided) are published only as text.
    """

    issue: str
    repository: str
    number: int
    symptom: str
    cause: str
    stage: str
    decided_by: DecidedBy
    series: str | None = None
    version: str | None = None
    architecture: str | None = None
    status: str | None = None
    created: date | None = None
    closed: date | None = None
    duplicate_group: str | None = None
    confidence: str | None = None
    title: str | None = None
    quote: str | None = None


class RaterDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of one rater, as it stands on record; `order` is its place in the record.

    `rater` is a pseudonym (rater-1). `withdrawn` takes an earlier decision back. A step of the
    screen fills `include` and `reason` (an id), labelling and adjudication fill the codes, None
    where the axis is in `cannot_tell`. `suggested` is what a classifier had proposed. Only the
    day is kept, since hours tell when somebody works. `quote`, `note` and `explanation` are
    published only as text.
    """

    order: int
    issue: str
    step: Step
    rater: str
    codebook: str
    day: date
    round: int = 0
    withdrawn: bool = False
    include: bool | None = None
    reason: str | None = None
    symptom: str | None = None
    cause: str | None = None
    stage: str | None = None
    confidence: str | None = None
    cannot_tell: tuple[str, ...] = ()
    suggested: Mapping[str, str] | None = None
    quote: str | None = None
    note: str | None = None
    explanation: str | None = None


class DuplicateJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """What one rater said of two issues: that they report the same failure, or that they do not.

    `order` is its place among the judgements; the latest on two issues holds. `rater`, `day` and
    `explanation` are as in a decision.
    """

    order: int
    first: str
    second: str
    same: bool
    rater: str
    day: date
    explanation: str | None = None

    @property
    def issues(self) -> tuple[str, str]:
        """The two issues."""
        return (self.first, self.second)


Spoken = FailureRow | RaterDecision | DuplicateJudgement
"""What may hold words that people wrote."""

_Spoken = TypeVar("_Spoken", FailureRow, RaterDecision, DuplicateJudgement)


class RaterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a rater who decided: the pseudonym, person or model, and which model.

    `steps` are those in which the study names the rater; decisions in others settle nothing.
    """

    name: str
    kind: str = "person"
    model: str | None = None
    steps: tuple[Step, ...] = tuple(Step)


class FunnelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the funnel: how many came in, left (by reason), wait, and went on."""

    name: str
    entered: int
    left: int
    waiting: int
    passed: int
    reasons: Mapping[str, int]


class ThreadFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Labelled issues whose comments a source only counted: how many, and how many comments.

    `bare` are those of which the study has no comment at all.
    """

    issues: int
    missing: int
    bare: int


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """What the data set was made with; `redaction` are the rules that texts were redacted by."""

    firstmile: str
    codebook: str
    redaction: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Everything that is published of a study; raises UserError where it cannot be published.

    `published` is the day it is published on, `collected` the first and last day of collecting.
    `design` is the study's design without what stays private, in plain form. `agreement` and
    `screening` are figures in plain, nested form, `agreement_said` and `screening_said` the same
    in sentences; none of them names a rater otherwise than by pseudonym. `redactions` counts
    what was taken out of the texts, by kind, `repositories` the collected issues of each.
    `deleted` are the collected issues that a full pass of collecting found no more; nothing that
    people wrote in or about one may be here. `threads` is None where every labelled issue has all
    of its comments. `waiting` counts the issues that nobody has decided yet, by what they wait
    for. `judgements` are all that raters said of two issues, whether they report the same failure.
    `stated` is the table [datasheet] of the study.toml.
    `text` adds titles, quotes and notes. `secrets` are
    texts that must not occur in any file, such as the study's key and the raters' tokens.
    """

    name: str
    published: date
    rows: tuple[FailureRow, ...]
    codebook: Taxonomy
    versions: Versions
    decisions: tuple[RaterDecision, ...] = ()
    raters: tuple[RaterFacts, ...] = ()
    funnel: tuple[FunnelFacts, ...] = ()
    agreement: Mapping[str, Any] = field(default_factory=dict)
    agreement_said: tuple[str, ...] = ()
    screening: Mapping[str, Any] = field(default_factory=dict)
    screening_said: tuple[str, ...] = ()
    design: Mapping[str, Any] = field(default_factory=dict)
    repositories: Mapping[str, int] = field(default_factory=dict)
    collected: tuple[date, date] | None = None
    redactions: Mapping[str, int] = field(default_factory=dict)
    question: str = ""
    license: str = ""
    version: str = "1.0.0"
    url: str = ""
    authors: tuple[str, ...] = ()
    contact: str = ""
    ecosystem: str = ""
    stated: DatasheetTable = field(default_factory=DatasheetTable)
    deleted: frozenset[str] = frozenset()
    threads: ThreadFacts | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)
    judgements: tuple[DuplicateJudgement, ...] = ()
    text: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise UserError("The study has no name: write one under [study] of its study.toml.")
        if not self.rows:
            raise UserError(
                "No issue has final labels yet, so there is nothing to publish: label some, and "
                "adjudicate where raters disagree."
            )
        if not re.fullmatch(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}", self.version):
            raise UserError(
                f"publish.version is {quoted(self.version)}; a data set's version has three "
                "numbers, such as 1.0.0 (Semantic Versioning)."
            )
        if self.url and not re.fullmatch(r"https?://[!-~]+", self.url):
            raise UserError(
                f"publish.url is {quoted(self.url)}, which is no web address: it begins with "
                "https:// and holds no space."
            )
        _check_rows(self.rows, self.codebook)
        _check_raters({rater.name for rater in self.raters}, self.decisions, self.judgements)
        spoken: tuple[Spoken, ...] = (*self.rows, *self.decisions, *self.judgements)
        for one in spoken:
            if self.deleted.intersection(issues_of(one)) and words_of(one):
                named = " or ".join(issues_of(one))
                raise ValueError(f"{named} was deleted, and text of it would be published")

    @property
    def labelled_from(self) -> tuple[str, ...]:
        """The repositories that the rows come from, in order."""
        return tuple(sorted({row.repository for row in self.rows}, key=str.casefold))

    @property
    def deleted_rows(self) -> tuple[str, ...]:
        """The labelled issues that were deleted, in order."""
        return tuple(sorted(self.deleted & {row.issue for row in self.rows}))

    @property
    def deleted_named(self) -> tuple[str, ...]:
        """The deleted issues that a row, a decision or a judgement names, in order."""
        spoken: tuple[Spoken, ...] = (*self.rows, *self.decisions, *self.judgements)
        named = {issue for one in spoken for issue in issues_of(one)}
        return tuple(sorted(self.deleted & named))


def issues_of(one: Spoken) -> tuple[str, ...]:
    """Return the issues that a row, a decision or a judgement is about."""
    return one.issues if isinstance(one, DuplicateJudgement) else (one.issue,)


def words_of(one: Spoken) -> dict[str, str]:
    """Return what people wrote that a row, a decision or a judgement holds, by field."""
    found = {name: getattr(one, name, None) for name in WORDS}
    return {name: words for name, words in found.items() if words}


def without_words(one: _Spoken) -> _Spoken:
    """Return a row, a decision or a judgement without what people wrote."""
    return msgspec.structs.replace(one, **dict.fromkeys(words_of(one)))


def _check_rows(rows: tuple[FailureRow, ...], codebook: Taxonomy) -> None:
    seen: set[str] = set()
    for row in rows:
        _check_address(row.issue)
        if not REPOSITORY.fullmatch(row.repository):
            raise UserError(
                f"{quoted(row.issue)} names the repository {quoted(row.repository)}, which is "
                "not owner/name."
            )
        if row.issue in seen:
            raise UserError(f"{quoted(row.issue)} has final labels twice: keep one of them.")
        seen.add(row.issue)
        for axis in Axis:
            code = getattr(row, axis.value)
            term = codebook.by_code.get(code)
            if term is None or term.axis is not axis:
                raise UserError(
                    f"{quoted(row.issue)} carries the {axis.value} {quoted(code)}, which the "
                    f"codebook {codebook.version} does not have{codebook.near_codes(code)}: "
                    "decide it anew."
                )


def _check_raters(
    raters: set[str],
    decisions: tuple[RaterDecision, ...],
    judgements: tuple[DuplicateJudgement, ...],
) -> None:
    for name in raters:
        if not RATER.fullmatch(name):
            raise ValueError(f"{name!r} is no pseudonym of a rater")
    made: tuple[RaterDecision | DuplicateJudgement, ...] = (*decisions, *judgements)
    for one in made:
        for issue in issues_of(one):
            _check_address(issue)
        if one.rater not in raters:
            raise ValueError(f"{one} is of a rater who is not among the raters")


def _check_address(issue: str) -> None:
    if not ISSUE.fullmatch(issue):
        raise UserError(
            f"{quoted(issue)} is no address of an issue, so it cannot be published: an address "
            "looks like https://github.com/owner/name/issues/1."
        )
