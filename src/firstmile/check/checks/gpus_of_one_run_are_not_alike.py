"""GPUs that share a model are of one kind and size.

Why: ranks of tensor parallelism and of training hold equal parts and wait for each other in every
layer. The smallest card sets how much fits on all, the slowest how fast it goes, and the oldest
which kernels and number types there are; vLLM warns of them as "different kinds of GPUs".

Fix: choose cards of one kind by CUDA_VISIBLE_DEVICES, with CUDA_DEVICE_ORDER=PCI_BUS_ID, so that
their numbers are those of nvidia-smi.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Intent, Parallel
from firstmile.check.ranks import devices_here, visible_gpus
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="distributed/model-parallelism",
    references=("https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare names and memory of the GPUs that take part."""
    here = devices_here(intent)
    if here <= 1:
        return does_not_apply("the command uses one device")
    gpus = visible_gpus(snapshot, intent)
    if gpus is None:
        return not_known("which GPUs are used")
    used = gpus[:here]
    if len(used) < 2:
        return does_not_apply("one GPU is visible")
    proof = [seen(f"GPU {each.index}: {each.name}") for each in used[:8]]
    if len({each.name for each in used}) == 1:
        return passed(f"{len(used)} GPUs are of one kind.", proof[0])
    kinds = {each.name: 0 for each in used}
    for each in gpus:
        kinds[each.name] = kinds.get(each.name, 0) + 1
    most = max(kinds, key=lambda name: kinds[name])
    chosen = ",".join(str(each.index) for each in gpus if each.name == most)
    return warned(
        f"GPUs of {len({each.name for each in used})} kinds share the work: the weakest sets the "
        "pace.",
        *proof,
        remedy=f"Set CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES={chosen} and as many ranks.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    mixed = machine(
        gpus=[
            gpu("NVIDIA GeForce RTX 3090", 24, "8.6"),
            gpu("NVIDIA GeForce RTX 3060", 12, "8.6", index=1),
            gpu("NVIDIA GeForce RTX 3090", 24, "8.6", index=2),
        ]
    )
    two = Intent(engine="vllm", parallel=Parallel(tensor=2))
    yield Example(outcome=Outcome.WARN, snapshot=world(None, mixed), intent=two, says="2 kinds")
    chosen = replace(two, devices=(0, 2))
    yield Example(outcome=Outcome.PASS, snapshot=world(None, mixed), intent=chosen)
    train = Intent(engine="torchrun", parallel=Parallel(processes=3))
    yield Example(outcome=Outcome.WARN, snapshot=world(None, mixed), intent=train)
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, mixed), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=two, says="not known")
