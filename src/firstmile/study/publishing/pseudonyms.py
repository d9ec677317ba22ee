"""Who stands in what is published: raters under pseudonyms, a design without names and places."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from firstmile.study.decisions import Decision, Event, Step
from firstmile.study.design import Design, RaterKind
from firstmile.study.funnel import deciders
from firstmile.study.publishing.dataset import RaterFacts
from firstmile.study.same_failure import Judgement

OPEN: Final = ("repositories", "organization", "include_forks", "include_archived")
"""Keys of sources whose values are published; others may name places on a machine."""


def pseudonyms(design: Design, history: Iterable[Decision | Judgement]) -> Mapping[str, str]:
    """Return rater-1 and so on, in the design's order, then those who are no longer in it."""
    names = [rater.name for rater in design.raters]
    names += sorted({one.rater for one in history} - set(names))
    return {name: f"rater-{place}" for place, name in enumerate(names, 1)}


def public_design(design: Design, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a design in plain form, without names of raters, endpoints, keys and places."""
    tables = msgspec.to_builtins(design)
    for table, keys in (
        ("screen", ("raters", "verifiers")),
        ("label", ("raters", "adjudicators")),
    ):
        for key in keys:
            tables[table][key] = [names[name] for name in tables[table][key]]
    tables["raters"] = [
        {
            "name": names[rater.name],
            "kind": rater.kind.value,
            "model": rater.model,
            "temperature": rater.temperature,
        }
        for rater in design.raters
    ]
    tables["sources"] = [
        {"kind": source.kind} | {key: source.options[key] for key in OPEN if key in source.options}
        for source in design.sources
    ]
    return dict(tables)


def rater_facts(
    design: Design,
    names: Mapping[str, str],
    history: Iterable[Decision | Judgement],
    rated: Iterable[Event],
) -> tuple[RaterFacts, ...]:
    """Return who decided anything; whom the record shows as a model is one, whatever is named now.

    `rated` are the events of models' labels. A rater that the design alone calls a model may
    have had its labels imported.
    """
    models: dict[str, set[str]] = {
        rater.name: set() for rater in design.raters if rater.kind is RaterKind.MODEL
    }
    for event in rated:
        if "model" in event.data:
            models.setdefault(event.data["rater"], set()).add(event.data["model"])
    stated = {rater.name: rater.model for rater in design.raters}
    decided = {one.rater for one in history}
    return tuple(
        RaterFacts(
            name=pseudonym,
            kind="model" if name in models else "person",
            model=", ".join(sorted(models[name])) or stated.get(name) or None
            if name in models
            else None,
            steps=tuple(step for step in Step if name in deciders(step, design)),
        )
        for name, pseudonym in names.items()
        if name in decided
    )
