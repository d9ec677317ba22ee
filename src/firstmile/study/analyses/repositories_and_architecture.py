"""How do repositories differ, and can architecture be told apart from repository?"""

from typing import Final

import msgspec
import numpy as np

from firstmile.rendering.document import Figure, Grid
from firstmile.statistics.similarity import total_variation, total_variation_interval
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts, NotKnown, RowCounts, Table
from firstmile.study.crosstab import association_sentence, crosstab_grids
from firstmile.study.estimates import Estimate, estimate
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Repositories and architecture"
CHAPTER: Final = Chapter.REPOSITORIES
PLACE: Final = 1

MOST_DRAWS: Final = 1_999


class RepositoriesAndArchitecture(msgspec.Struct, frozen=True, kw_only=True):
    """Both dimensions crossed with symptoms and causes.

    `mixed_repositories` counts repositories whose failures have more than one architecture:
    when there are none, no analysis can separate architecture from repository. None where the
    source has no architecture. `separable_difference` is then None; otherwise it is the total
    variation of causes between the two most frequent architectures in mixed repositories.
    """

    repositories: int
    architectures: int
    mixed_repositories: int | None
    separable_difference: Estimate | None
    associations: tuple[Association, ...]
    missing: tuple[str, ...]


def compute(counts: Counts, settings: Settings) -> RepositoriesAndArchitecture:
    """Cross repository and architecture with symptoms, causes and each other."""
    repositories = len(counts.totals("repository").codes)
    missing: list[str] = []
    mixed, architectures, separable = None, 0, None
    try:
        nested = counts.table("repository", "architecture")
        mixed = int(((nested.counts > 0).sum(axis=1) > 1).sum())
        architectures = len(nested.column_codes)
        separable = _separable(counts, nested, settings) if mixed else None
    except NotKnown as reason:
        missing.append(str(reason))
    found = []
    for dimension in ("repository", "architecture"):
        for axis in ("symptom", "cause"):
            try:
                table = counts.table(axis, dimension)
                purpose = f"{axis} by {dimension}"
                found.append(associate(table, settings, purpose, most_draws=MOST_DRAWS))
            except NotKnown as reason:
                missing.append(str(reason))
    return RepositoriesAndArchitecture(
        repositories=repositories,
        architectures=architectures,
        mixed_repositories=mixed,
        separable_difference=separable,
        associations=tuple(found),
        missing=tuple(dict.fromkeys(missing)),
    )


def _separable(counts: Counts, nested: Table, settings: Settings) -> Estimate | None:
    """Compare architectures within the repositories that hold more than one."""
    if not isinstance(counts, RowCounts):
        return None
    mixed = [
        code
        for code, row in zip(nested.row_codes, nested.counts, strict=True)
        if (row > 0).sum() > 1
    ]
    repository = counts.failures.columns["repository"]
    places = [repository.categories.index(code) for code in mixed]
    within = RowCounts(counts.failures.take(np.isin(repository.codes, places)))
    table = within.table("architecture", "cause")
    first, second = np.argsort(-table.counts.sum(axis=1), kind="stable")[:2]
    a, b = (np.rint(table.counts[row]).astype(np.int64) for row in (first, second))
    interval = total_variation_interval(
        a,
        b,
        replicates=settings.bootstraps,
        generator=settings.generator("architecture", "total variation"),
        confidence=settings.confidence,
    )
    return estimate(float(total_variation(a, b)), interval)


def sentences(result: RepositoriesAndArchitecture) -> tuple[str, ...]:
    """Say the associations, and whether architecture follows from repository."""
    spoken = [association_sentence(item) for item in result.associations]
    if result.mixed_repositories == 0:
        spoken.append(
            f"Architecture follows from repository: each of the {result.repositories} repositories "
            "has one architecture throughout, so no difference between architectures can be told "
            "from a difference between repositories."
        )
    elif result.mixed_repositories is not None:
        spoken.append(
            f"{result.mixed_repositories} of {result.repositories} repositories hold more than one "
            "architecture, so the two can partly be told apart."
        )
    return tuple(spoken)


def grids(result: RepositoriesAndArchitecture) -> tuple[Grid, ...]:
    """Return the tables of counts."""
    return tuple(
        crosstab_grids(item, f"{item.rows}-by-{item.columns}")[0] for item in result.associations
    )


def figures(_result: RepositoriesAndArchitecture) -> tuple[Figure, ...]:
    """Draw nothing: most repositories are too small for a picture."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 9),
        ("loading/tokenizer", "tokenizer/file", "inference", 1),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 9),
        repository=("a", "a", "b", "b"),
        architecture=("Dense", "Dense", "MoE", "MoE"),
    ),
    check=lambda result: (
        result.mixed_repositories == 0
        and result.architectures == 2
        and round(result.associations[0].cramers_v, 6) == 8 / 10
    ),
)
