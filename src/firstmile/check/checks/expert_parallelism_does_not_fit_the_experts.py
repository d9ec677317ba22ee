"""Expert parallelism is asked of a model that has experts, in numbers that divide.

Why: expert parallelism gives each rank whole experts. A dense model has none: vLLM ends in "Number
of experts in the model must be greater than 0 when expert parallelism is enabled". SGLang wants
the experts to be a multiple of --ep-size, and the tensor parallel size as well.

Fix: leave the flag out for a dense model, or take a size that divides the experts.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.model_sizes import (
    config_of,
    unknown_config,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.whole_numbers import whole_number
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="distributed/model-parallelism",
    references=(
        "https://docs.vllm.ai/en/stable/serving/expert_parallel_deployment/",
        "https://github.com/vllm-project/vllm/blob/main/vllm/config/model.py",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for experts, and divide them by the size."""
    if not intent.parallel.expert:
        return does_not_apply("the command asks for no expert parallelism")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    experts = read_architecture(config).experts
    said = written(intent, "ep_size")
    asked = seen(f"expert parallel size = {said}" if said else "expert parallelism is on")
    if experts is None:
        return failed(
            "Expert parallelism is asked of a model without experts.",
            asked,
            seen("the config states no number of experts", file="config.json"),
            remedy="Leave --enable-expert-parallel (--ep-size) out.",
        )
    count = stated("config.json", "number of experts", experts.routed)
    size = whole_number(said or "")
    if intent.engine == "sglang" and size:
        tensor = intent.parallel.tensor or 1
        if experts.routed % size or tensor % size:
            fits = [n for n in (1, 2, 4, 8, 16, 32) if not experts.routed % n and not tensor % n]
            return failed(
                f"An expert parallel size of {size} divides not both "
                f"{counted(experts.routed, 'expert')} and "
                f"{counted(tensor, 'rank')}.",
                asked,
                count,
                remedy=f"Set --ep-size {fits[-1]}.",
            )
    return passed(f"The model has {counted(experts.routed, 'expert')}.", asked, count)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    mixture = {**LLAMA, "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768}
    vllm = Intent(engine="vllm", parallel=Parallel(tensor=8, expert=True))
    dense = world(folder(config=LLAMA))
    sparse = world(folder(config=mixture))
    yield Example(outcome=Outcome.FAIL, snapshot=dense, intent=vllm, says="without experts")
    yield Example(outcome=Outcome.PASS, snapshot=sparse, intent=vllm)

    def sglang(size: str, tensor: int) -> Intent:
        said = Argument(written="--ep-size", name="ep_size", value=size)
        return Intent(
            engine="sglang", arguments=(said,), parallel=Parallel(tensor=tensor, expert=True)
        )

    yield Example(outcome=Outcome.PASS, snapshot=sparse, intent=sglang("8", 8))
    yield Example(outcome=Outcome.FAIL, snapshot=sparse, intent=sglang("6", 6), says="size of 6")
    yield Example(outcome=Outcome.FAIL, snapshot=sparse, intent=sglang("8", 4))
    yield Example(outcome=Outcome.SKIP, snapshot=dense, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=vllm, says="not known")
