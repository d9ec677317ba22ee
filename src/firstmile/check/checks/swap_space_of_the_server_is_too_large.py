"""The swap space that vLLM sets aside is a small part of main memory.

Why: vLLM before 0.11 pins `--swap-space` GiB of main memory for every rank of tensor parallelism:
4 by default, 32 for eight ranks. More than 70% of main memory is refused ("Too large swap
space"); more than 40% is warned of, and loading may then run out of memory. Releases from 0.11 on
hold the number against main memory as before but use none of it, and the newest no longer have it.

Fix: leave --swap-space out, or set it lower. It is hardly used, and 0 is allowed.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Intent, Parallel
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
from firstmile.check.worlds import machine, world
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="hardware/cpu-memory",
    stage="inference",
    references=("https://docs.vllm.ai/en/v0.8.5/serving/engine_args.html",),
)

REFUSED: Final = 0.7
WARNED_OF: Final = 0.4
"""Shares of main memory (CacheConfig.verify_with_parallel_config in vllm/config.py)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the swap space of all ranks against main memory."""
    if intent.engine != "vllm" or intent.swap_bytes is None:
        return does_not_apply("the command sets no swap space aside")
    memory = snapshot.environment.memory if snapshot.environment else None
    if memory is None:
        return not_known("the size of main memory")
    ranks = max(intent.parallel.tensor or 1, 1)
    wanted = intent.swap_bytes * ranks
    share = wanted / memory.total_bytes
    message = f"Swap space of {shown(wanted)} is {share:.0%} of main memory."
    proof = (
        seen(f"swap space = {shown(intent.swap_bytes)} for each of {counted(ranks, 'rank')}"),
        seen(f"main memory: {shown(memory.total_bytes)}"),
    )
    lower = int(memory.total_bytes * WARNED_OF / ranks / GIB)
    remedy = f"Set --swap-space {min(lower, 4)}."
    if share > REFUSED:
        return failed(message, *proof, remedy=remedy)
    if share > WARNED_OF:
        return warned(message, *proof, remedy=remedy)
    return passed(message, *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def serve(gib: float, ranks: int) -> Intent:
        return Intent(
            action=Action.SERVE,
            engine="vllm",
            swap_bytes=int(gib * GIB),
            parallel=Parallel(tensor=ranks),
        )

    there = world(None, machine(memory_gib=64))
    yield Example(outcome=Outcome.FAIL, snapshot=there, intent=serve(16, 4), says="100%")
    yield Example(outcome=Outcome.WARN, snapshot=there, intent=serve(16, 2))
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=serve(4, 4))
    yield Example(outcome=Outcome.SKIP, snapshot=there, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve(4, 1), says="not known")
