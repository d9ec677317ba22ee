"""What is said of a diagnosis, whatever it is written in: text, Markdown and page say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Plain = Mapping[str, Any]

LIKELY: Final = 0.1
"""Hypotheses below it are not shown, but for the first."""
MOST_SHOWN: Final = 3
MOST_LINES: Final = 12
EITHER: Final = 0.9
"""Two that are about as likely as each other, and together this likely, could be either."""
ABOUT_AS_LIKELY: Final = 0.1
_AXES: Final = (("symptoms", "What failed"), ("causes", "Why"), ("stages", "When"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """A hypothesis: what it answers (empty where that is as above), how likely, and in words."""

    title: str
    chance: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A line that proves it, and where it stands."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A known failure with what to do; `sureness` says whether it is that one or may be."""

    sureness: str
    title: str
    fix: str
    explain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The parts of a diagnosis in the order in which they are said; what is empty is left out.

    `proof` is what is shown, and `left` counts the lines that are not. Of the failures the first
    is the likeliest.
    """

    heading: str
    reason: str
    all_the_same: str
    ranks: tuple[Rank, ...]
    opinion: str
    proof: tuple[Proof, ...]
    left: str
    failures: tuple[Failure, ...]
    followed: tuple[str, ...]
    similar: Sequence[Plain]
    questions: Sequence[Plain]


def said(data: Plain) -> Said:
    """Return what is said of a diagnosis in its plain form; nothing in it is made inert yet."""
    # The likeliest failure of a run that did not fail would look like an answer.
    ranked = not data.get("nothing_failed")
    proof = data["evidence"] if ranked else ()
    left = len(proof) - MOST_LINES
    because = data["abstained_because"]
    return Said(
        heading=_heading(data),
        reason=f"No answer: {because}." if data["abstained"] else "",
        all_the_same="The likeliest all the same:" if data["abstained"] and ranked else "",
        ranks=_ranks(data) if ranked else (),
        opinion=_opinion(data),
        proof=tuple(Proof(place=_place(one), text=one["text"]) for one in proof[:MOST_LINES]),
        left=f"and {left} more lines" if left > 0 else "",
        failures=_failures(data),
        followed=_followed(data),
        similar=data["similar"],
        questions=data["questions"],
    )


def _heading(data: Plain) -> str:
    """Say what a diagnosis that was kept is of, and from when."""
    kept = data.get("kept")
    return f"Diagnosis of {kept['source']}, {kept['at']}" if kept else ""


def _ranks(data: Plain) -> tuple[Rank, ...]:
    ranks = []
    for key, title in _AXES:
        likely = [
            (one["probability"], one["label"])
            for place, one in enumerate(data[key][:MOST_SHOWN])
            if place == 0 or one["probability"] >= LIKELY
        ]
        rows = [(_percent(chance), label) for chance, label in likely]
        if _could_be_either([chance for chance, _ in likely]):
            either = f"{rows[0][1]} or {rows[1][1]}: it could be either"
            rows[:2] = [(rows[0][0], either)]
        for place, (chance, label) in enumerate(rows):
            ranks.append(Rank(title="" if place else title, chance=chance, label=label))
    return tuple(ranks)


def _could_be_either(chances: Sequence[float]) -> bool:
    if len(chances) < 2:
        return False
    first, second = chances[:2]
    return first + second >= EITHER and first - second <= ABOUT_AS_LIKELY


def _percent(probability: float) -> str:
    """Return a probability in words that never claim certainty."""
    return ">99%" if probability > 0.99 else f"{probability:.0%}"


def _opinion(data: Plain) -> str:
    """Say whose opinion is in the probabilities beside ours."""
    if not data.get("reranked"):
        return ""
    model, host = data["reranked"]["model"], data["reranked"]["host"]
    return f"Half of each probability is the opinion of the model {model} at {host}."


def _place(one: Plain) -> str:
    place = f"line {one['line']}"
    return f"{one['file']} {place}" if "file" in one else place


def _failures(data: Plain) -> tuple[Failure, ...]:
    decides = {one["id"]: one["decides"] for one in data["entries"]}
    return tuple(
        Failure(
            sureness="Known failure" if decides.get(one["entry"], True) else "Perhaps",
            title=one["title"],
            fix=one["fix"],
            explain=f"firstmile explain {one['entry']}",
        )
        for one in data["remedies"]
    )


def _followed(data: Plain) -> tuple[str, ...]:
    told = {one["entry"] for one in data["remedies"]}
    later = [one for one in data["entries"] if one["is_consequence"] and one["id"] not in told]
    return tuple(one["title"] for one in later[:MOST_SHOWN])
