"""What a study.toml may not say, although each of its keys holds what belongs there."""

import re
from typing import TYPE_CHECKING, Final

from firstmile.errors import UserError
from firstmile.study.licensing import why_no_license
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted, shown

if TYPE_CHECKING:
    from firstmile.study.design import Design

_VERSION: Final = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}")
_RATER: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
_MOST_LOOKS: Final = 1_000
"""More looks than anybody takes; each gets so little of the error that it says nothing."""
_MOST_SECONDS: Final = 86_400
"""A day: nobody reads one issue for longer."""


def check_design(design: "Design", name: str) -> None:
    """Raise UserError for the first thing in a design that cannot be; `name` is its file's."""
    names = [rater.name for rater in design.raters]
    models = {*names} - {*design.people()}
    for one in names:
        if not _RATER.fullmatch(one):
            raise UserError(
                f"{quoted(one)} in {shown(name)} is no name for a rater: use a to z, 0 to 9, "
                "- and _, at most 31 of them."
            )
        if names.count(one) > 1:
            raise UserError(f"{shown(name)} names the rater {quoted(one)} twice.")
    for where, used in (
        ("screen.raters", design.screen.raters),
        ("screen.verifiers", design.screen.verifiers),
        ("label.raters", design.label.raters),
        ("label.adjudicators", design.label.adjudicators),
    ):
        for one in used:
            if used.count(one) > 1:
                raise UserError(f"{where} of {shown(name)} names {quoted(one)} twice.")
            if where != "label.raters" and one in models:
                raise UserError(
                    f"{where} of {shown(name)} names {quoted(one)}, which is a model: a model "
                    "labels, people screen and adjudicate."
                )
            if one not in names:
                raise UserError(
                    f"{where} of {shown(name)} names {quoted(one)}, who is no rater of this "
                    f"study{nearest(one, names)}: add [[raters]] with that name."
                )
    for rater in design.raters:
        if rater.name in models and not (rater.endpoint and rater.model):
            raise UserError(
                f"The rater {quoted(rater.name)} in {shown(name)} is a model and needs an "
                "endpoint and a model."
            )
    study = design.study
    if study.since and study.until and study.since > study.until:
        raise UserError(f"study.since is later than study.until in {shown(name)}.")
    for where, share in (
        ("screen.recall", design.screen.recall),
        ("screen.confidence", design.screen.confidence),
        ("label.target", design.label.target),
    ):
        if not 0 < share < 1:
            raise UserError(f"{where} of {shown(name)} must lie between 0 and 1.")
    if not _VERSION.fullmatch(design.publish.version):
        raise UserError(
            f"publish.version of {shown(name)} is {quoted(design.publish.version)}; it has three "
            "numbers, such as 1.0.0."
        )
    if why := why_no_license(design.publish.license):
        raise UserError(f"publish.license of {shown(name)}: {why}.")
    _check_models(design, name)
    if study.seed < 0:
        raise UserError(f"study.seed of {shown(name)} must be 0 or more.")
    if not 1 <= design.screen.looks <= _MOST_LOOKS:
        raise UserError(f"screen.looks of {shown(name)} must lie between 1 and {_MOST_LOOKS:,}.")
    for step in design.seconds_an_issue.__struct_fields__:
        if not 1 <= getattr(design.seconds_an_issue, step) <= _MOST_SECONDS:
            raise UserError(
                f"seconds_an_issue.{step} of {shown(name)} must lie between 1 and "
                f"{_MOST_SECONDS:,}."
            )
    if design.screen.audit < 0 or design.label.pilot < 0:
        raise UserError(f"screen.audit and label.pilot of {shown(name)} cannot be negative.")


def _check_models(design: "Design", name: str) -> None:
    """Raise UserError for a model of a repository that is named twice or not collected."""
    collected = _repositories(design)
    seen = set()
    for place, model in enumerate(design.models, 1):
        where, named = f"models[{place}]", model.repository.casefold()
        if not (model.series or model.version or model.architecture):
            raise UserError(
                f"{where} of {shown(name)} states neither series nor version nor architecture of "
                f"{quoted(model.repository)}."
            )
        if named in seen:
            raise UserError(
                f"{where}.repository of {shown(name)} is {quoted(model.repository)}, which "
                "another of the models has already."
            )
        seen.add(named)
        if collected is not None and named not in map(str.casefold, collected):
            raise UserError(
                f"{where}.repository of {shown(name)} is {quoted(model.repository)}, which no "
                f"source names{nearest(model.repository, collected)}."
            )


def _repositories(design: "Design") -> tuple[str, ...] | None:
    """Return the repositories that all sources name; None where one does not name all of its."""
    found: list[str] = []
    for source in design.sources:
        if "repositories" not in source.options or "organization" in source.options:
            return None
        found += source.options["repositories"]
    return tuple(name.removeprefix("https://github.com/").strip("/") for name in found) or None
