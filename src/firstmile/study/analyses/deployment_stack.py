"""Do failures come from the deployment stack rather than from the models' algorithms?

Which causes belong to the stack is our reading of the claim: environment, configuration,
distributed computing and hardware. Whether a configuration is part of the stack or the user's
choice can be argued, so the pool without it stands beside the other.
"""

from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.breakdown import share_difference
from firstmile.study.counts import Counts, require_terms
from firstmile.study.estimates import Estimate, count_of, in_percent, listed, share_of, shares
from firstmile.study.names import name_of
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Deployment stack and algorithms"
CHAPTER: Final = Chapter.SHARES
PLACE: Final = 4

STACK: Final = ("environment", "configuration", "distributed", "hardware")
NARROW_STACK: Final = ("environment", "distributed", "hardware")
ALGORITHM: Final = "algorithm"
HALF: Final = 0.5
EXPLORATORY: Final = True


class DeploymentStack(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of the pooled stack, of the stack without configuration and of algorithm defects."""

    total: float
    stack_count: float
    stack_share: Estimate
    narrow_stack_count: float
    narrow_stack_share: Estimate
    algorithm_count: float
    algorithm_share: Estimate
    algorithm_minus_environment: Estimate


def compute(counts: Counts, settings: Settings) -> DeploymentStack:
    """Pool the causes of the stack and set them beside algorithm defects."""
    require_terms(counts, (*STACK, ALGORITHM))
    totals = counts.totals("cause")
    by_code = dict(zip(totals.codes, totals.counts.astype(float), strict=True))
    n = float(totals.counts.sum())
    stack, narrow = (sum(by_code.get(code, 0.0) for code in pool) for pool in (STACK, NARROW_STACK))
    algorithm = by_code.get(ALGORITHM, 0.0)
    parts = {s.code: s for s in shares(totals, confidence=settings.confidence)}
    gap = share_difference(parts[ALGORITHM], parts["environment"], confidence=settings.confidence)
    return DeploymentStack(
        total=n,
        stack_count=stack,
        stack_share=share_of(stack, n, confidence=settings.confidence),
        narrow_stack_count=narrow,
        narrow_stack_share=share_of(narrow, n, confidence=settings.confidence),
        algorithm_count=algorithm,
        algorithm_share=share_of(algorithm, n, confidence=settings.confidence),
        algorithm_minus_environment=Estimate(**gap),
    )


def sentences(result: DeploymentStack) -> tuple[str, ...]:
    """Say the shares of both pools, and of algorithm defects."""
    names = ", ".join(name_of("cause", code) for code in STACK)
    left_out = listed([name_of("cause", code) for code in STACK if code not in NARROW_STACK])
    return (
        f"{names} together cause {count_of(result.stack_count)} of {count_of(result.total)} "
        f"failures, {in_percent(result.stack_share)}; {name_of('cause', ALGORITHM)} "
        f"{count_of(result.algorithm_count)}, {in_percent(result.algorithm_share)}.",
        f"Without {left_out} the pool is {count_of(result.narrow_stack_count)} failures, "
        f"{in_percent(result.narrow_stack_share)}: whether the stack is more than half of all "
        f"failures {_hangs(result)} on it.",
    )


def _hangs(result: DeploymentStack) -> str:
    wide, narrow = result.stack_share.low or 0.0, result.narrow_stack_share.low or 0.0
    return "does not hang" if (wide > HALF) == (narrow > HALF) else "hangs"


def grids(result: DeploymentStack) -> tuple[Grid, ...]:
    """Return the shares."""
    return (
        Grid(
            id="deployment-stack",
            caption="Causes of the deployment stack, pooled, and algorithm defects",
            header=("Causes", "Failures", "Share", "Low", "High"),
            rows=tuple(
                (name, count, part.estimate, part.low, part.high)
                for name, count, part in (
                    ("deployment stack", result.stack_count, result.stack_share),
                    (
                        "deployment stack without configuration",
                        result.narrow_stack_count,
                        result.narrow_stack_share,
                    ),
                    ("algorithm", result.algorithm_count, result.algorithm_share),
                )
            ),
            decimals={1: 0, 2: 3, 3: 3, 4: 3},
        ),
    )


def figures(_result: DeploymentStack) -> tuple[Figure, ...]:
    """Draw nothing: three shares read better as a sentence."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 3),
        ("loading/tokenizer", "algorithm/attention", "inference", 1),
    ),
    check=lambda result: (
        result.stack_share.estimate == 3 / 4 and result.algorithm_share.estimate == 1 / 4
    ),
)
