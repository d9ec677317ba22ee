"""Each machine of a run has the same number of ranks.

Why: servers deal ranks out evenly. SGLang ends in "tp_size must be divisible by number of nodes",
vLLM in an assertion that the world size is divisible by its nodes.

Fix: take sizes whose product is a multiple of the machines: tensor parallel by the GPUs of one
machine, pipeline parallel by the machines.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.ranks import is_copied
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/assertion",
    cause="distributed/model-parallelism",
    stage="inference",
    references=(
        "https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",
        "https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/server_args.py",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide the ranks by the machines."""
    parallel = intent.parallel
    nodes = parallel.nodes or 1
    if intent.engine not in ("vllm", "sglang") or nodes <= 1 or is_copied(intent):
        return does_not_apply("the command serves from one machine")
    if (parallel.data or 1) > 1 and intent.engine == "vllm":
        return not_known("how copies of the model are dealt out to machines")
    ranks = (parallel.tensor or 1) * (parallel.pipeline or 1)
    proof = (seen(f"ranks = {ranks}"), seen(f"machines = {nodes}"))
    if ranks % nodes:
        return failed(
            f"{counted(ranks, 'rank')} cannot be dealt out evenly to {counted(nodes, 'machine')}.",
            *proof,
            remedy=f"Set the pipeline parallel size to {nodes}, and the tensor parallel size to "
            "the GPUs of one machine.",
        )
    return passed(f"Each of {nodes} machines has {counted(ranks // nodes, 'rank')}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def over(engine: str = "sglang", **sizes: Any) -> Intent:
        return Intent(action=Action.SERVE, engine=engine, parallel=Parallel(**sizes))

    yield Example(
        outcome=Outcome.FAIL, snapshot=world(), intent=over(tensor=8, nodes=3), says="8 ranks"
    )
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=over("vllm", tensor=1, nodes=2))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=over(tensor=8, nodes=2))
    yield Example(
        outcome=Outcome.PASS, snapshot=world(), intent=over("vllm", tensor=8, pipeline=3, nodes=3)
    )
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(tensor=8))
    copied = replace(over("vllm", tensor=1, nodes=2), elsewhere=True)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=copied)
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(), intent=over("vllm", tensor=1, data=2, nodes=2)
    )
