"""Cards that cannot reach each other's memory are not told to.

Why: GeForce cards of the RTX 40 series have no access to each other's memory, and drivers before
550.40.07 claim that they have: ranks then hang at full load, or exchange garbage. accelerate
refuses to begin: "Using RTX 4000 series doesn't support faster communication broadband via P2P or
IB. Please set NCCL_P2P_DISABLE".

Fix: update the driver, or set NCCL_P2P_DISABLE=1 and NCCL_IB_DISABLE=1; accelerate launch sets
them by itself.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import (
    named,
    value_of,
)
from firstmile.check.intent import Intent, Parallel
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.ranks import devices_here, visible_gpus
from firstmile.check.releases import key_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="hang/fine-tuning",
    cause="distributed/communication",
    entries=("consumer-cards-without-peer-access", "several-gpus-stand-still-at-full-load"),
    references=(
        "https://github.com/huggingface/accelerate/blob/main/src/accelerate/utils/environment.py",
    ),
)
_MARK: Final = "RTX 40"
_SOUND: Final = "550.40.07"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for cards of that series under an old driver, and for the variables."""
    if devices_here(intent) <= 1:
        return does_not_apply("the command uses one device")
    gpus = visible_gpus(snapshot, intent)
    if gpus is None:
        return not_known("which GPUs are used")
    cards = [each for each in gpus if _MARK in each.name]
    if len(gpus) < 2 or not cards:
        return does_not_apply("no cards of the RTX 40 series take part")
    driver = cards[0].driver
    key, sound = key_of(driver or ""), key_of(_SOUND)
    if key is None or sound is None:
        return not_known("the driver")
    proof = (seen(named(cards[0])), seen(f"driver {driver}"))
    if key >= sound:
        return passed(f"The driver {driver} knows that these cards have no peer access.", *proof)
    off = [
        value_of(snapshot, intent, name) in ("1", "true")
        for name in ("NCCL_P2P_DISABLE", "NCCL_IB_DISABLE")
    ]
    if all(off) or written(intent, "num_processes", "num_machines") is not None:
        return passed("Peer access is switched off for these cards.", *proof)
    remedy = "Set NCCL_P2P_DISABLE=1 and NCCL_IB_DISABLE=1, or install driver 550.40.07 or newer."
    said = f"Under driver {driver} {cards[0].name} claims a peer access that it lacks"
    if intent.engine in ("transformers", "trl", "torchrun", "axolotl", "llama-factory"):
        return failed(f"{said}: accelerate refuses to begin.", *proof, remedy=remedy)
    return warned(f"{said}: ranks may hang.", *proof, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(driver: str, name: str = "NVIDIA GeForce RTX 4090", **more: Any) -> Snapshot:
        gpus = [gpu(name, 24, "8.9", index=n, driver=driver) for n in range(2)]
        return world(None, machine(gpus=gpus, **more))

    train = Intent(engine="trl", parallel=Parallel(processes=2))
    yield Example(outcome=Outcome.FAIL, snapshot=there("535.104.05"), intent=train, says="refuses")
    yield Example(outcome=Outcome.PASS, snapshot=there("550.54.15"), intent=train)
    serve = Intent(engine="vllm", parallel=Parallel(tensor=2))
    yield Example(outcome=Outcome.WARN, snapshot=there("535.104.05"), intent=serve, says="hang")
    variables = {"NCCL_P2P_DISABLE": "1", "NCCL_IB_DISABLE": "1"}
    yield Example(
        outcome=Outcome.PASS, snapshot=there("535.104.05", variables=variables), intent=train
    )
    other = there("535.104.05", "NVIDIA A100-SXM4-80GB")
    yield Example(outcome=Outcome.SKIP, snapshot=other, intent=train)
    yield Example(outcome=Outcome.SKIP, snapshot=there("535.104.05"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=train, says="not known")
