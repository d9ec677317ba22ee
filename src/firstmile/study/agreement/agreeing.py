"""All figures of one set of ratings: by axis, level and term."""

from collections.abc import Callable

import msgspec

from firstmile.study.agreement.boundaries import TermPair, disagreeing_terms
from firstmile.study.agreement.coefficients import (
    Coefficients,
    coefficients,
    one_against_rest,
)
from firstmile.study.agreement.confusion import ClassConfusion, class_confusion
from firstmile.study.agreement.consensus import Consensus, consensus
from firstmile.study.agreement.ratings import Level, Ratings, categories, levels
from firstmile.study.settings import Settings
from firstmile.taxonomy import Axis, Taxonomy


class LevelAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement on an axis when codes are compared at one level."""

    level: Level
    figures: Coefficients


class TermAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement on whether one term, or one below it, applies; `ratings` chose it."""

    code: str
    ratings: int
    issues: int
    figures: Coefficients


class CannotTell(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a rater's ratings leave the axis open."""

    rater: str
    ratings: int
    of: int


class AxisAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement on one axis.

    A rating that could not tell counts as missing. Of the `told` ratings `at_leaf` name a finest
    term of the codebook. `consensus` is None with fewer than three raters.
    """

    axis: str
    told: int
    at_leaf: int
    cannot_tell: tuple[CannotTell, ...]
    levels: tuple[LevelAgreement, ...]
    terms: tuple[TermAgreement, ...]
    confusion: ClassConfusion
    disagreements: tuple[TermPair, ...]
    consensus: Consensus | None

    def at(self, level: Level) -> Coefficients:
        """Return the figures at a level, or at the finest one the axis has."""
        for one in self.levels:
            if one.level is level:
                return one.figures
        return self.levels[-1].figures


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one set of ratings; `late` as in `Ratings`."""

    raters: tuple[str, ...]
    issues: int
    paired: int
    ratings: int
    late: int
    codebooks: tuple[str, ...]
    confidence: float
    replicates: int
    axes: tuple[AxisAgreement, ...]

    def axis(self, axis: Axis) -> AxisAgreement:
        """Return one axis."""
        return next(one for one in self.axes if one.axis == axis.value)


def agree(
    ratings: Ratings,
    settings: Settings,
    *,
    codebook: Taxonomy,
    ecosystem: str = "",
    terms: bool = True,
    progress: Callable[[str], None] = lambda _step: None,
) -> Agreement:
    """Compute every figure; the result depends on ratings, codebook, seed and replicates alone.

    `terms` says whether each term is looked at by itself, which takes most of the time.
    """
    found = []
    for axis in Axis:
        progress(f"Agreement on {axis.value}")
        found.append(_axis(ratings, axis, settings, codebook, ecosystem, terms=terms))
    counts: dict[str, int] = {}
    for one in ratings.ratings:
        counts[one.issue] = counts.get(one.issue, 0) + 1
    return Agreement(
        raters=ratings.raters,
        issues=len(counts),
        paired=sum(count > 1 for count in counts.values()),
        ratings=len(ratings.ratings),
        late=ratings.late,
        codebooks=ratings.codebooks,
        confidence=settings.confidence,
        replicates=settings.bootstraps,
        axes=tuple(found),
    )


def _axis(
    ratings: Ratings,
    axis: Axis,
    settings: Settings,
    codebook: Taxonomy,
    ecosystem: str,
    *,
    terms: bool,
) -> AxisAgreement:
    codes = [code for one in ratings.ratings if (code := one.code(axis)) is not None]
    leaves = {term.code for term in codebook.leaves(axis)}
    return AxisAgreement(
        axis=axis.value,
        told=len(codes),
        at_leaf=sum(code in leaves for code in codes),
        cannot_tell=_cannot_tell(ratings, axis),
        levels=tuple(
            LevelAgreement(
                level=level, figures=_level(ratings, axis, level, settings, codebook, ecosystem)
            )
            for level in levels(axis, codebook)
        ),
        terms=_terms(ratings, axis, settings, codebook) if terms else (),
        confusion=class_confusion(ratings, axis, codebook),
        disagreements=disagreeing_terms(ratings, axis, codebook),
        consensus=consensus(ratings, axis, codebook),
    )


def _level(
    ratings: Ratings,
    axis: Axis,
    level: Level,
    settings: Settings,
    codebook: Taxonomy,
    ecosystem: str,
) -> Coefficients:
    offered = categories(ratings, axis, level, codebook, ecosystem=ecosystem)
    return coefficients(
        ratings.codes(axis, level, offered),
        raters=ratings.raters,
        categories=len(offered),
        settings=settings,
        purpose=(axis.value, level.value),
    )


def _terms(
    ratings: Ratings, axis: Axis, settings: Settings, codebook: Taxonomy
) -> tuple[TermAgreement, ...]:
    used = categories(ratings, axis, Level.FINEST, codebook)
    codes = ratings.codes(axis, Level.FINEST, used)
    order = [term.code for term in codebook.of(axis)]
    found = []
    for code in [*order, *(one for one in used if one not in order)]:
        binary = one_against_rest(codes, [(each + "/").startswith(code + "/") for each in used])
        chosen = binary == 1
        if chosen.any():
            found.append(
                TermAgreement(
                    code=code,
                    ratings=int(chosen.sum()),
                    issues=int(chosen.any(axis=1).sum()),
                    figures=coefficients(
                        binary,
                        raters=ratings.raters,
                        categories=2,
                        settings=settings,
                        purpose=(axis.value, "term", code),
                    ),
                )
            )
    return tuple(found)


def _cannot_tell(ratings: Ratings, axis: Axis) -> tuple[CannotTell, ...]:
    given = {rater: [0, 0] for rater in ratings.raters}
    for one in ratings.ratings:
        given[one.rater][0] += one.code(axis) is None
        given[one.rater][1] += 1
    return tuple(CannotTell(rater=rater, ratings=n, of=of) for rater, (n, of) in given.items())
