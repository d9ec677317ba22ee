"""The direct paths between GPUs and machines are left on.

Why: NCCL_P2P_DISABLE, NCCL_SHM_DISABLE and NCCL_IB_DISABLE are set to get past a hang, and stay.
Cards with NVLink then exchange all data through main memory, machines with InfiniBand over
Ethernet: training and tensor parallelism are several times slower, without a word.

Fix: unset the variable, and look for the cause of the hang (ACS in the BIOS, IOMMU, the driver).
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import (
    named,
    value_of,
)
from firstmile.check.intent import Intent, Parallel
from firstmile.check.ranks import at_once, devices_here
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/fine-tuning",
    cause="distributed/communication",
    entries=("fine-tuning-is-slower-than-it-should-be",),
    references=("https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html",),
)
_LINKED: Final = ("SXM", "NVL", "H100", "H200", "A100", "A800", "H800", "B200", "GB200", "V100")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the variables beside cards, or machines, that have such paths."""
    ranks = at_once(intent)
    if ranks <= 1:
        return does_not_apply("the command uses one device")
    if snapshot.environment is None:
        return not_known("the variables of the machine")
    off = {
        name
        for name in ("NCCL_P2P_DISABLE", "NCCL_SHM_DISABLE", "NCCL_IB_DISABLE")
        if (value_of(snapshot, intent, name) or "0") not in ("0", "")
    }
    gpus = snapshot.environment.gpus
    linked = bool(gpus) and any(mark in gpus[0].name for mark in _LINKED)
    nodes = intent.parallel.nodes or 1
    slow = {
        name for name in off if name != "NCCL_IB_DISABLE" and linked and devices_here(intent) > 1
    }
    if "NCCL_IB_DISABLE" in off and nodes > 1:
        slow.add("NCCL_IB_DISABLE")
    if slow:
        names = " and ".join(sorted(slow))
        return warned(
            f"{names} {'keeps' if len(slow) == 1 else 'keep'} ranks off their fast paths.",
            *(seen(f"{name}={value_of(snapshot, intent, name)}") for name in sorted(slow)),
            *([seen(named(gpus[0]))] if gpus else []),
            remedy=f"Unset {names}.",
        )
    return passed("No fast path that is there is switched off.", seen(f"ranks = {ranks}"))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(name: str, **variables: str) -> Snapshot:
        cards = [gpu(name, index=n) for n in range(2)]
        return world(None, machine(gpus=cards, variables=variables))

    two = Intent(engine="vllm", parallel=Parallel(tensor=2))
    sxm = "NVIDIA A100-SXM4-80GB"
    yield Example(outcome=Outcome.WARN, snapshot=there(sxm, NCCL_P2P_DISABLE="1"), intent=two)
    geforce = "NVIDIA GeForce RTX 4090"
    yield Example(outcome=Outcome.PASS, snapshot=there(geforce, NCCL_P2P_DISABLE="1"), intent=two)
    yield Example(outcome=Outcome.PASS, snapshot=there(sxm, NCCL_P2P_DISABLE="0"), intent=two)
    yield Example(outcome=Outcome.PASS, snapshot=there(sxm, NCCL_IB_DISABLE="1"), intent=two)
    many = Intent(engine="torchrun", parallel=Parallel(processes=2, nodes=2))
    yield Example(outcome=Outcome.WARN, snapshot=there(sxm, NCCL_IB_DISABLE="1"), intent=many)
    yield Example(outcome=Outcome.SKIP, snapshot=there(sxm), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=two, says="not known")
