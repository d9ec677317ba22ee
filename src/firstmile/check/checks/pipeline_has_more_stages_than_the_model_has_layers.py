"""Each stage of a pipeline has layers to compute, about as many as the others.

Why: pipeline parallelism deals out whole layers. With more stages than layers some have none, and
the server ends while it builds them. Where layers do not divide, one stage has more than the
others, and all wait for it.

Fix: take fewer stages, best a number that divides the layers.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
from firstmile.check.model_sizes import (
    sizes_of,
    unknown_config,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="distributed/model-parallelism",
    references=("https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide the layers by the stages."""
    stages = intent.parallel.pipeline or 1
    if stages <= 1:
        return does_not_apply("the command asks for no pipeline parallelism")
    sizes = sizes_of(snapshot)
    if sizes is None:
        return unknown_config()
    if sizes.layers is None:
        return not_known("the number of layers, which the config does not state")
    proof = (
        seen(f"pipeline parallel size = {stages}"),
        stated("config.json", "num_hidden_layers", sizes.layers),
    )
    if stages > sizes.layers:
        return failed(
            f"{stages} stages share {counted(sizes.layers, 'layer')}: some have none.",
            *proof,
            remedy=f"Take at most {counted(sizes.layers, 'stage')}.",
        )
    most = -(-sizes.layers // stages)
    if most * stages > 1.2 * sizes.layers:
        return warned(
            f"{counted(sizes.layers, 'layer')} over {counted(stages, 'stage')}: one stage has "
            f"{most}, and all wait for "
            "it.",
            *proof,
            remedy="Take a number of stages that divides the layers: "
            + ", ".join(str(n) for n in range(2, 17) if sizes.layers % n == 0)
            + ".",
        )
    return passed(f"Each of {counted(stages, 'stage')} has up to {counted(most, 'layer')}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = world(folder(config=LLAMA))

    def over(stages: int) -> Intent:
        return Intent(engine="vllm", parallel=Parallel(pipeline=stages))

    yield Example(outcome=Outcome.PASS, snapshot=model, intent=over(4))
    yield Example(outcome=Outcome.PASS, snapshot=model, intent=over(3))
    yield Example(outcome=Outcome.WARN, snapshot=model, intent=over(20), says="wait for")
    small = world(folder(config={**LLAMA, "num_hidden_layers": 2}))
    yield Example(outcome=Outcome.FAIL, snapshot=small, intent=over(4), says="some have none")
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(4), says="not known")
