"""The widths of feed-forward layers and experts are multiples of the tensor parallel size.

Why: tensor parallelism cuts each layer into equal parts. Where heads divide but a width does not,
the server gets past the check of the heads and ends while it builds the layers: "AssertionError:
2730 is not divisible by 4". Experts that are kept whole by expert parallelism need not divide.

Fix: take a size that divides both, and spread further by pipeline parallelism.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent, Parallel
from firstmile.check.model_sizes import (
    config_of,
    unknown_config,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/assertion",
    cause="distributed/model-parallelism",
    entries=("attention-heads-do-not-divide-by-tensor-parallel-size",),
    references=("https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",),
)


_WIDTHS: Final = {
    "intermediate_size": "A feed-forward width",
    "moe_intermediate_size": "A width of the experts",
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide each width by the ranks."""
    size = intent.parallel.tensor or 1
    if size <= 1 or intent.engine not in ("vllm", "sglang", None):
        return does_not_apply("the command asks for no tensor parallelism")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    sizes = read_architecture(config)
    if sizes.heads is not None and sizes.heads % size:
        return does_not_apply("the heads do not divide by the size already")
    experts = sizes.experts
    widths = []
    if sizes.feed_forward and (experts is None or experts.dense_layers):
        widths.append(("intermediate_size", sizes.feed_forward))
    if experts is not None and experts.width and not intent.parallel.expert:
        widths.append(("moe_intermediate_size", experts.width))
    if not widths:
        return not_known("the widths of the layers, which the config does not state")
    asked = seen(f"tensor parallel size = {size}")
    for name, width in widths:
        if width % size:
            fits = [n for n in (1, 2, 4, 8, 16) if width % n == 0]
            return failed(
                f"{_WIDTHS[name]} of {width:,} does not divide by {size}.",
                asked,
                seen(f"{name} = {width}", file="config.json"),
                remedy=f"Take a tensor parallel size of {' or '.join(map(str, fits))}.",
            )
    return passed(f"The widths divide by {size}.", asked)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def over(size: int, expert: bool | None = None) -> Intent:
        return Intent(engine="vllm", parallel=Parallel(tensor=size, expert=expert))

    model = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.PASS, snapshot=model, intent=over(8))
    odd = world(folder(config={**LLAMA, "intermediate_size": 2730}))
    yield Example(outcome=Outcome.FAIL, snapshot=odd, intent=over(4), says="2,730")
    yield Example(outcome=Outcome.PASS, snapshot=odd, intent=over(2))
    yield Example(outcome=Outcome.SKIP, snapshot=odd, intent=over(3), says="heads")
    mixture = {
        **LLAMA,
        "num_experts": 60,
        "num_experts_per_tok": 4,
        "moe_intermediate_size": 1412,
        "intermediate_size": 5632,
    }
    yield Example(outcome=Outcome.FAIL, snapshot=world(folder(config=mixture)), intent=over(8))
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(folder(config=mixture)), intent=over(8, True)
    )
    yield Example(outcome=Outcome.SKIP, snapshot=odd, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(2), says="not known")
