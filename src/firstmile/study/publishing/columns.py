"""The columns of the published tables: name, kind and meaning, said once for every format."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from firstmile.rendering.inert import visible
from firstmile.study.publishing.dataset import DuplicateJudgement, FailureRow, RaterDecision
from firstmile.taxonomy import Axis, Taxonomy


class Kind(StrEnum):
    """What a column's values are; `LIST` is a list of texts."""

    ADDRESS = "address"
    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DAY = "day"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `text` columns hold what people wrote and are left out unless asked for.

    `code_of` names the axis whose codes stand in it. `always` says that no value is empty.
    """

    name: str
    kind: Kind
    meaning: str
    text: bool = False
    code_of: Axis | None = None
    always: bool = False


def _labels(axis: Axis, word: str) -> tuple[Column, Column]:
    return (
        Column(
            name=axis.value,
            kind=Kind.TEXT,
            meaning=f"The {word}, as a code of the codebook.",
            code_of=axis,
            always=True,
        ),
        Column(
            name=f"{axis.value}_label",
            kind=Kind.TEXT,
            meaning=f"The {word} in the codebook's wording.",
            always=True,
        ),
    )


FAILURES: Final = (
    Column(name="issue", kind=Kind.ADDRESS, meaning="The issue's address.", always=True),
    Column(
        name="repository",
        kind=Kind.TEXT,
        meaning="Owner and name of the repository, as they were when it was collected.",
        always=True,
    ),
    Column(name="number", kind=Kind.INTEGER, meaning="The issue's number there.", always=True),
    *_labels(Axis.SYMPTOM, "symptom"),
    *_labels(Axis.CAUSE, "root cause"),
    *_labels(Axis.STAGE, "lifecycle stage"),
    Column(
        name="series",
        kind=Kind.TEXT,
        meaning="The model series: as the study states it for the repository, or where the "
        "repository or the version names one.",
    ),
    Column(
        name="version",
        kind=Kind.TEXT,
        meaning="The model or version reported on, as the study states it for the repository.",
    ),
    Column(
        name="architecture",
        kind=Kind.TEXT,
        meaning="The model's architecture, as the study states it for the repository.",
    ),
    Column(
        name="status",
        kind=Kind.TEXT,
        meaning="open or closed when it was collected; closed does not mean resolved.",
    ),
    Column(name="created", kind=Kind.DAY, meaning="The day (UTC) the issue was opened."),
    Column(name="closed", kind=Kind.DAY, meaning="The day (UTC) the issue was closed."),
    Column(
        name="duplicate_group",
        kind=Kind.TEXT,
        meaning="The group of duplicates that this issue stands for; one of each is labelled.",
    ),
    Column(
        name="decided_by",
        kind=Kind.TEXT,
        meaning="adjudicated (raters disagreed), agreed (all gave these labels) or single (one "
        "rater labelled it).",
        always=True,
    ),
    Column(
        name="confidence",
        kind=Kind.TEXT,
        meaning="How sure the deciding rater or adjudicator was: sure (with which the page "
        "begins), probable or guess.",
    ),
    Column(
        name="title",
        kind=Kind.TEXT,
        meaning="The issue's title, redacted; null where the issue was deleted.",
        text=True,
    ),
    Column(
        name="quote",
        kind=Kind.TEXT,
        meaning="The line of the thread that decided the labels, redacted; null where the issue "
        "was deleted.",
        text=True,
    ),
)
"""Columns of failures.jsonl and failures.parquet."""

DECISIONS: Final = (
    Column(
        name="order", kind=Kind.INTEGER, meaning="The decision's place in the record.", always=True
    ),
    Column(name="issue", kind=Kind.ADDRESS, meaning="The issue's address.", always=True),
    Column(
        name="step",
        kind=Kind.TEXT,
        meaning="screen (title and description), verify (the thread), audit (sample of what was "
        "discarded), label or adjudicate.",
        always=True,
    ),
    Column(name="rater", kind=Kind.TEXT, meaning="The rater's pseudonym.", always=True),
    Column(name="round", kind=Kind.INTEGER, meaning="The pilot round, 0 outside.", always=True),
    Column(name="day", kind=Kind.DAY, meaning="The day (UTC) of the decision.", always=True),
    Column(
        name="codebook",
        kind=Kind.TEXT,
        meaning="The version of the codebook that was decided by.",
        always=True,
    ),
    Column(
        name="withdrawn",
        kind=Kind.BOOLEAN,
        meaning="Whether it takes the rater's earlier decision back.",
        always=True,
    ),
    Column(name="include", kind=Kind.BOOLEAN, meaning="Screening: whether the issue stays in."),
    Column(name="reason", kind=Kind.TEXT, meaning="Screening: why it does not."),
    Column(name="symptom", kind=Kind.TEXT, meaning="Code of the symptom.", code_of=Axis.SYMPTOM),
    Column(name="cause", kind=Kind.TEXT, meaning="Code of the root cause.", code_of=Axis.CAUSE),
    Column(name="stage", kind=Kind.TEXT, meaning="Code of the stage.", code_of=Axis.STAGE),
    Column(
        name="confidence",
        kind=Kind.TEXT,
        meaning="Labels: how sure, which is sure (with which the page begins), probable or guess.",
    ),
    Column(
        name="cannot_tell",
        kind=Kind.LIST,
        meaning="Axes that the rater could not tell from the thread.",
        always=True,
    ),
    *(
        Column(
            name=f"suggested_{axis.value}",
            kind=Kind.TEXT,
            meaning=f"The {axis.value} that a classifier had suggested to the rater.",
            code_of=axis,
        )
        for axis in Axis
    ),
    Column(name="quote", kind=Kind.TEXT, meaning="The line that decided, redacted.", text=True),
    Column(name="note", kind=Kind.TEXT, meaning="The rater's note, redacted.", text=True),
    Column(
        name="explanation",
        kind=Kind.TEXT,
        meaning="The reason that was given for the decision, redacted.",
        text=True,
    ),
)
"""Columns of decisions.jsonl."""


JUDGEMENTS: Final = (
    Column(
        name="order",
        kind=Kind.INTEGER,
        meaning="The judgement's place among them; the latest on two issues holds.",
        always=True,
    ),
    Column(name="first", kind=Kind.ADDRESS, meaning="One issue's address.", always=True),
    Column(name="second", kind=Kind.ADDRESS, meaning="The other's address.", always=True),
    Column(
        name="same",
        kind=Kind.BOOLEAN,
        meaning="Whether both report the same failure, as the rater judged.",
        always=True,
    ),
    Column(name="rater", kind=Kind.TEXT, meaning="The rater's pseudonym.", always=True),
    Column(name="day", kind=Kind.DAY, meaning="The day (UTC) of the judgement.", always=True),
    Column(
        name="explanation",
        kind=Kind.TEXT,
        meaning="The reason that was given for it, redacted; null where an issue was deleted.",
        text=True,
    ),
)
"""Columns of judgements.jsonl."""


def columns_of(table: tuple[Column, ...], *, text: bool) -> tuple[Column, ...]:
    """Return the columns that are published."""
    return tuple(column for column in table if text or not column.text)


def failure_values(row: FailureRow, codebook: Taxonomy) -> Mapping[str, Any]:
    """Return a row's values by column; what people wrote is put on one line, unseen characters
    spelled out.
    """
    values: dict[str, Any] = {
        column.name: getattr(row, column.name, None)
        for column in FAILURES
        if not column.name.endswith("_label")
    }
    for axis in Axis:
        values[f"{axis.value}_label"] = codebook.term(values[axis.value]).label
    return _inert(values)


def decision_values(decision: RaterDecision) -> Mapping[str, Any]:
    """Return a decision's values by column, as `failure_values` does."""
    values = {column.name: getattr(decision, column.name, None) for column in DECISIONS}
    values["cannot_tell"] = list(decision.cannot_tell)
    for axis in Axis:
        values[f"suggested_{axis.value}"] = (decision.suggested or {}).get(axis.value)
    return _inert(values)


def judgement_values(judgement: DuplicateJudgement) -> Mapping[str, Any]:
    """Return a judgement's values by column, as `failure_values` does."""
    return _inert({column.name: getattr(judgement, column.name) for column in JUDGEMENTS})


def _inert(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (visible(str(value)) or None) if isinstance(value, str) else value
        for name, value in values.items()
    }
