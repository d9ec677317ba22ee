"""The numbers of CUDA_VISIBLE_DEVICES are those that nvidia-smi shows.

Why: CUDA counts the fastest card as 0, nvidia-smi counts by PCI slot. With cards of several kinds
the same number is another card: a run takes the small one, or the one that is busy, and ends in
"CUDA out of memory" while the large one idles.

Fix: set CUDA_DEVICE_ORDER=PCI_BUS_ID beside CUDA_VISIBLE_DEVICES, in the shell or the start script.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.installed import (
    named,
    value_of,
)
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.environment import Gpu
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="distributed/model-parallelism",
    entries=("another-process-holds-the-gpu-memory",),
    references=("https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for several kinds of cards that are chosen by number."""
    environment = snapshot.environment
    if environment is None:
        return not_known("the GPUs of the machine")
    gpus = [each for each in environment.gpus if each.vendor == "NVIDIA"]
    if len({each.name for each in gpus}) < 2:
        return does_not_apply("the machine has no NVIDIA GPUs of several kinds")
    said = value_of(snapshot, intent, "CUDA_VISIBLE_DEVICES")
    if not said or not said.replace(",", "").replace(" ", "").isdigit():
        return does_not_apply("no devices are chosen by number")
    order = value_of(snapshot, intent, "CUDA_DEVICE_ORDER")
    proof = [seen(f"CUDA_VISIBLE_DEVICES={said}"), *(seen(named(each)) for each in gpus[:8])]
    if order == "PCI_BUS_ID":
        return passed("Devices are counted as nvidia-smi does.", seen(f"CUDA_DEVICE_ORDER={order}"))
    return warned(
        "CUDA counts the fastest card first, so that the numbers are not those of nvidia-smi.",
        *proof,
        remedy=f"Set CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES={said}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    mixed = [gpu("NVIDIA GeForce GTX 1660", 6, "7.5"), gpu(index=1)]

    def there(cards: Sequence[Gpu], **variables: str) -> Snapshot:
        return world(None, machine(gpus=cards, variables=variables))

    yield Example(outcome=Outcome.WARN, snapshot=there(mixed, CUDA_VISIBLE_DEVICES="1"))
    fixed = there(mixed, CUDA_VISIBLE_DEVICES="1", CUDA_DEVICE_ORDER="PCI_BUS_ID")
    yield Example(outcome=Outcome.PASS, snapshot=fixed)
    alike = there([gpu(), gpu(index=1)], CUDA_VISIBLE_DEVICES="1")
    yield Example(outcome=Outcome.SKIP, snapshot=alike, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=there(mixed), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=there(mixed, CUDA_VISIBLE_DEVICES="GPU-1a"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
