"""How the labels came to be, in sentences: who decided, on what, and who saw whose labels."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from firstmile.study.decisions import Step
from firstmile.study.publishing.dataset import Dataset, DecidedBy, RaterFacts
from firstmile.study.publishing.statements import (
    NOT_KNOWN,
    count,
    labelled_twice,
    listing,
)

_ROLES: Final[Mapping[str, tuple[Step, ...]]] = {
    "in the screen": (Step.SCREEN, Step.VERIFY, Step.AUDIT),
    "in labelling": (Step.LABEL,),
    "in adjudication": (Step.ADJUDICATE,),
}
_IMPORTED: Final = "imported from "
"""How the reason of a label begins that came from a file."""


def protocol(dataset: Dataset) -> str:
    """Say how labels came to be."""
    by = Counter(row.decided_by for row in dataset.rows)
    parts = [
        f"{by[how]:,} {words}"
        for how, words in (
            (DecidedBy.AGREED, "on which all raters agreed"),
            (DecidedBy.ADJUDICATED, "which an adjudicator decided"),
            (DecidedBy.SINGLE, "which one rater labelled"),
        )
        if by[how]
    ]
    several = bool(by[DecidedBy.AGREED]) or any(n > 1 for n in _labels_of_rows(dataset).values())
    said = [
        f"{'Each rater' if several else 'The rater'} read {_read(dataset)} and gave one symptom, "
        "one root cause and one stage of the codebook, how sure they were, and the line that "
        "decided where they copied one.",
    ]
    if several:
        said.append(_blindness(dataset))
    if by[DecidedBy.ADJUDICATED]:
        said.append("Where raters disagreed, an adjudicator saw all labels and decided.")
    if not several:
        said.append("One rater's labels count for each, so how reliable they are is not known.")
    said.append(
        f"The final labels are those of {count(len(dataset.rows), 'issue')}: {listing(parts)}."
    )
    return " ".join([*said, raters(dataset)])


def _read(dataset: Dataset) -> str:
    """Return what of an issue was there to be read."""
    threads = dataset.threads
    if threads is None:
        whole = "title, description and all comments"
    elif threads.bare == len(dataset.rows):
        whole = (
            "title and description (the source only counted the "
            f"{count(threads.missing, 'comment')}, and the study does not have them)"
        )
    else:
        bare = f", of {threads.bare:,} of them all" if threads.bare else ""
        whole = (
            "title, description and those comments that the study has (of "
            f"{count(threads.issues, 'issue')} the source only counted "
            f"{count(threads.missing, 'comment')}{bare})"
        )
    if any(rater.kind == "model" for rater in _deciders(dataset, (Step.LABEL,))):
        whole += " (a language model: of a long thread the beginning and the end)"
    return whole


def _blindness(dataset: Dataset) -> str:
    """Say whether raters saw each other's labels: what came from files, nobody here knows."""
    labels = [one for one in dataset.decisions if one.step is Step.LABEL and not one.withdrawn]
    imported = sum((one.explanation or "").startswith(_IMPORTED) for one in labels)
    blind = "On the study's pages they did not see each other's labels."
    if not imported:
        return blind
    were = "was" if imported == 1 else "were"
    whose = f"{count(imported, 'label')} {were} imported from files; whether raters saw each "
    said = f"{whose}other's labels there is not on record."
    return said if imported == len(labels) else f"{blind} {said}"


def raters(dataset: Dataset) -> str:
    """Say who decided in which part, and whose decisions settled nothing."""
    if not dataset.raters:
        return "Who labelled is not known."
    roles = [
        f"{role} {who}"
        for role, steps in _ROLES.items()
        if (who := _who(_deciders(dataset, steps)))
    ]
    judges = {one.rater for one in dataset.judgements}
    if who := _who([rater for rater in dataset.raters if rater.name in judges]):
        roles.append(f"on duplicates {who}")
    decided = "; ".join(roles) or _who(dataset.raters)
    by_name = {rater.name: rater for rater in dataset.raters}
    former = sorted(
        {one.rater for one in dataset.decisions if one.step not in by_name[one.rater].steps}
    )
    rest = (
        f" Decisions of {listing([_named(by_name[name]) for name in former])} in steps for which "
        "the study no longer names them are on record and enter the figures of agreement; they "
        "settled nothing."
        if former
        else ""
    )
    return f"Who decided, under pseudonyms: {decided}.{rest}"


def _deciders(dataset: Dataset, steps: tuple[Step, ...]) -> list[RaterFacts]:
    """Return the raters who decided in a step in which the study names them."""
    made = {(one.rater, one.step) for one in dataset.decisions}
    return [
        rater
        for rater in dataset.raters
        if any(step in rater.steps and (rater.name, step) in made for step in steps)
    ]


def _named(rater: RaterFacts) -> str:
    model = f" ({rater.model or 'a language model'})" if rater.kind == "model" else ""
    return f"{rater.name}{model}"


def _who(found: Iterable[RaterFacts]) -> str:
    kinds = Counter(rater.kind for rater in found)
    people, machines = kinds.pop("person", 0), sum(kinds.values())
    said = [count(people, "person", "people")] if people else []
    if machines:
        said.append(f"{count(machines, 'language model')} ({', '.join(_names(found))})")
    return listing(said) if said else ""


def models(dataset: Dataset) -> list[str]:
    """Return the names of the language models that decided, in order."""
    return _names(dataset.raters)


def _names(found: Iterable[RaterFacts]) -> list[str]:
    return sorted({rater.model or "a language model" for rater in found if rater.kind == "model"})


def agreement(dataset: Dataset) -> str:
    """Say where agreement stands."""
    if dataset.decisions and not labelled_twice(dataset):
        return "No issue was labelled by two raters, so how far raters agree is not known."
    if not dataset.agreement:
        return "No figures of agreement are known."
    return (
        "agreement.json holds the agreement of the raters by axis, with intervals, and "
        "decisions.jsonl the decisions that it is computed from, each rater's first ones included."
    )


def labels_an_issue(dataset: Dataset) -> str:
    """Say how many raters labelled an issue, of those whose labels count."""
    numbers = _labels_of_rows(dataset)
    rows_of = Counter(numbers.values())
    known = {number: rows for number, rows in sorted(rows_of.items()) if number}
    if not known:
        return NOT_KNOWN
    parts = [f"{count(rows, 'row')} with {number}" for number, rows in known.items()]
    rest = f", {count(rows_of[0], 'row')} of unknown number" if rows_of[0] else ""
    return f"Independent labels an issue: {listing(parts)}{rest}."


def _labels_of_rows(dataset: Dataset) -> Mapping[str, int]:
    """Return of each row how many raters labelled it whose labels count, 0 for not known."""
    labellers = {rater.name for rater in dataset.raters if Step.LABEL in rater.steps}
    decided: dict[str, set[str]] = {}
    for one in sorted(dataset.decisions, key=lambda one: one.order):
        if one.step is Step.LABEL and one.rater in labellers:
            given = decided.setdefault(one.issue, set())
            (given.discard if one.withdrawn else given.add)(one.rater)
    return {row.issue: len(decided.get(row.issue, ())) for row in dataset.rows}
