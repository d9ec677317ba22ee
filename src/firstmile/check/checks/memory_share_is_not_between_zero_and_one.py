"""The share of the device's memory that a server takes is above 0, and at most 1.

Why: `--gpu-memory-utilization` and `--mem-fraction-static` are shares, not percent: 90 is refused
("less than or equal to 1"). So is 0. A share of nearly 1 leaves nothing to the CUDA context and to
others on the card, and the server runs out of memory while it warms up, or under load.

Fix: take 0.9 (vLLM), or leave the flag out.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    entries=("engine-runs-out-of-memory-while-it-warms-up",),
    references=("https://github.com/vllm-project/vllm/blob/main/vllm/config/cache.py",),
)
_MOST: Final = 0.97
_FLAGS: Final = {"vllm": "--gpu-memory-utilization", "sglang": "--mem-fraction-static"}
_LEAST_PERCENT: Final = 10
"""From here on a number above 1 is taken for percent: a server wants more than a hundredth."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look whether the share is one."""
    share = intent.gpu_memory_share
    if share is None or intent.engine not in _FLAGS:
        return does_not_apply("the command sets no share of the memory")
    flag = _FLAGS[intent.engine]
    proof = seen(f"{flag} {share:g}")
    if share > 1 or share <= 0:
        is_percent = _LEAST_PERCENT <= share <= 100 * _MOST
        right = f"{share / 100:g}" if is_percent else "0.9"
        return failed(
            f"A share of {share:g} is not between 0 and 1.", proof, remedy=f"Set {flag} {right}."
        )
    if share > _MOST:
        return warned(
            f"A share of {share:g} leaves nothing to CUDA itself.",
            proof,
            remedy=f"Set {flag} 0.9.",
        )
    return passed(f"The server takes {share:.0%} of the memory.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def take(share: float, engine: str = "vllm") -> Intent:
        return Intent(engine=engine, gpu_memory_share=share)

    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=take(90), says="share of 90")
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=take(0))
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=take(0.99))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=take(0.95))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=take(0.85, "sglang"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="vllm"))
