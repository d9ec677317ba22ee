"""What a diagnosis says: ranked hypotheses with their evidence, remedies, and what is alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firstmile.findings import Evidence
from firstmile.rendering.displayed import Displayed, Shown
from firstmile.taxonomy import Axis

GROUNDED: Final = 0.5
"""A hypothesis above it cites lines, and stands or falls with them."""

EMPTY: Final = "the input is empty"
NOTHING_FAILED: Final = "nothing in it says that something failed"
SEVERAL_CAUSES: Final = "no known failure is met, and the words leave several causes open"
"""Why no answer is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One code with its probability and the lines that speak for it.

    `record` of an evidence is a line's number. Every hypothesis above one half has evidence,
    and is less probable without it.
    """

    axis: Axis
    code: str
    label: str
    probability: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry that is met: what of it was seen, and whether that decides.

    A consequence that does not decide follows from a failure that the text shows itself.
    """

    id: str
    title: str
    decides: bool
    is_consequence: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What to do, as the entry says it (Markdown)."""

    entry: str
    title: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A reported case with words alike: how much (0 to 1), and how it ended."""

    id: str
    url: str
    title: str
    similarity: float
    outcome: str
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that would decide between hypotheses, and the command that collects it."""

    what: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Diagnosis(Displayed):
    """The answer on one text.

    `classes` and `leaves` hold, by axis, the likeliest codes with their probabilities, the
    likeliest first; those of classes are calibrated, a leaf's is its class's times a smoothed
    share. `abstained` is the reason why no answer is given, or None; the hypotheses are there
    all the same. `known` are the entries that are met, the first cause first.
    """

    classes: Mapping[Axis, tuple[Hypothesis, ...]]
    leaves: Mapping[Axis, tuple[Hypothesis, ...]]
    abstained: str | None
    known: tuple[Known, ...]
    remedies: tuple[Remedy, ...]
    similar: tuple[Similar, ...]
    questions: tuple[Question, ...]

    @property
    def entry(self) -> str | None:
        """The id of the likeliest entry; None where none is met, or no answer is given.

        None, too, where all that are met follow from a failure without an entry.
        """
        if not self.known or self.abstained is not None:
            return None
        first = self.known[0]
        return first.id if first.decides or not first.is_consequence else None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The lines that prove it, in the order of the text, each once.

        A path of a trainer or a full bar tells the stage and proves no failure: what is cited for
        the stage alone counts where nothing else is.
        """
        found = self._cited(Axis.SYMPTOM, Axis.CAUSE) or self._cited(Axis.STAGE)
        return tuple(found[key] for key in sorted(found))

    def _cited(self, *axes: Axis) -> dict[tuple[str, int], Evidence]:
        return {
            (one.file or "", one.record or 0): one
            for axis in axes
            for hypothesis in self.classes[axis]
            for one in hypothesis.evidence
        }

    def __repr__(self) -> str:
        """Return one line: the likeliest symptom, cause and stage, or why there is no answer."""
        said = [
            f"{axis.value}={ranked[0].label!r} ({ranked[0].probability:.0%})"
            for axis, ranked in self.leaves.items()
            if ranked
        ]
        if self.abstained is not None:
            said.insert(0, f"no answer: {self.abstained}")
        return f"<Diagnosis {', '.join(said)}>"

    def _shown(self) -> Shown:
        """Return what `firstmile diagnose` prints, and what a notebook shows."""
        from firstmile.rendering.diagnosis import as_fragment, as_markdown, as_text

        return Shown(data=plain(self), text=as_text, markdown=as_markdown, fragment=as_fragment)


def plain(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as JSON values; what stands in it is in the documentation."""
    return {
        "abstained": diagnosis.abstained is not None,
        "abstained_because": diagnosis.abstained,
        "nothing_failed": diagnosis.abstained in (EMPTY, NOTHING_FAILED),
        "symptoms": [_hypothesis(one) for one in diagnosis.leaves[Axis.SYMPTOM]],
        "causes": [_hypothesis(one) for one in diagnosis.leaves[Axis.CAUSE]],
        "stages": [_hypothesis(one) for one in diagnosis.leaves[Axis.STAGE]],
        "classes": {
            "symptoms": [_hypothesis(one) for one in diagnosis.classes[Axis.SYMPTOM]],
            "causes": [_hypothesis(one) for one in diagnosis.classes[Axis.CAUSE]],
        },
        "entry": diagnosis.entry,
        "entries": [
            {
                "id": one.id,
                "title": one.title,
                "decides": one.decides,
                "is_consequence": one.is_consequence,
                "evidence": [_evidence(line) for line in one.evidence],
            }
            for one in diagnosis.known
        ],
        "evidence": [_evidence(line) for line in diagnosis.evidence],
        "remedies": [
            {"entry": one.entry, "title": one.title, "fix": one.fix} for one in diagnosis.remedies
        ],
        "similar": [
            {
                "id": one.id,
                "url": one.url,
                "title": one.title,
                "similarity": round(one.similarity, 3),
                "outcome": one.outcome,
                "resolution": one.resolution,
            }
            for one in diagnosis.similar
        ],
        "questions": [{"what": one.what, "command": one.command} for one in diagnosis.questions],
    }


def _hypothesis(one: Hypothesis) -> dict[str, Any]:
    return {
        "code": one.code,
        "label": one.label,
        "probability": round(one.probability, 4),
        "evidence": [_evidence(line) for line in one.evidence],
    }


def _evidence(one: Evidence) -> dict[str, Any]:
    found: dict[str, Any] = {"line": one.record, "text": one.text}
    return found if one.file is None else {"file": one.file} | found
