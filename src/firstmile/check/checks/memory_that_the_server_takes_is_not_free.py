"""What the server takes of a device is free on it.

Why: vLLM takes a share of the whole device (--gpu-memory-utilization), whatever others hold of
it. Where less is free it refuses to start: "Free memory on device ... on startup is less than
desired GPU memory utilization". A server that was not ended, a desktop or a notebook hold it.

Fix: end the process that holds the memory (nvidia-smi names it), take another device, or lower
the share below what is free.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import engine_version
from firstmile.check.intent import Action, Container, Intent
from firstmile.check.memory.settings import OLDER_SHARE, visible, vllm_share
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
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    entries=(
        "vllm-wants-more-memory-than-the-card-has-free",
        "another-process-holds-the-gpu-memory",
    ),
    references=("https://docs.vllm.ai/en/stable/configuration/engine_args.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the share of each visible device against what is free on it."""
    if intent.engine != "vllm":
        return does_not_apply("the engine takes no share of the whole device")
    if snapshot.environment is None:
        return not_known("the machine")
    share = intent.gpu_memory_share or vllm_share(intent, snapshot.environment)
    certain = bool(intent.gpu_memory_share or engine_version(snapshot.environment, intent))
    seen_any = False
    for one in visible(snapshot.environment, intent)[: _ranks(intent)]:
        total, used = one.memory_total_bytes, one.memory_used_bytes
        if total is None or used is None:
            continue
        seen_any = True
        free = total - used
        if free < share * total:
            fits = int(free / total * 100) / 100 - 0.01
            lower = f", or lower the share: --gpu-memory-utilization {fits:.2f}"
            say = failed if certain or free < OLDER_SHARE * total else warned
            return say(
                f"The server takes {shown(share * total)} of device {one.index}, "
                f"and {shown(free)} are free.",
                seen(f"device {one.index} ({one.name}): {shown(used)} of {shown(total)} in use"),
                seen(f"gpu_memory_utilization = {share:g}"),
                remedy=f"End what holds device {one.index}{lower if fits >= 0.1 else ''}.",
            )
    if not seen_any:
        return not_known("the memory of the accelerators")
    return passed("What the server takes is free.", seen(f"gpu_memory_utilization = {share:g}"))


def _ranks(intent: Intent) -> int:
    """Return how many devices are taken, from the first visible one on."""
    parallel = intent.parallel
    return max((parallel.tensor or 1) * (parallel.pipeline or 1) * (parallel.data or 1), 1)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    serve = Intent(action=Action.SERVE, engine="vllm")
    busy = machine(gpus=[gpu(used_gib=20)])
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, busy), intent=serve, says="device 0")
    yield Example(
        outcome=Outcome.PASS, snapshot=world(None, machine(gpus=[gpu(used_gib=1)])), intent=serve
    )
    nearly = [gpu(used_gib=7.2)]
    for outcome, release in ((Outcome.PASS, "0.11.0"), (Outcome.FAIL, "0.25.0")):
        made = world(None, machine(gpus=nearly, packages={"torch": "2.9.0", "vllm": release}))
        yield Example(outcome=outcome, snapshot=made, intent=serve)
    yield Example(outcome=Outcome.WARN, snapshot=world(None, machine(gpus=nearly)), intent=serve)
    image = Container(image="vllm/vllm-openai:v0.11.0")
    inside = Intent(action=Action.SERVE, engine="vllm", container=image)
    yield Example(outcome=Outcome.PASS, snapshot=world(None, machine(gpus=nearly)), intent=inside)
    modest = Intent(action=Action.SERVE, engine="vllm", gpu_memory_share=0.7)
    yield Example(outcome=Outcome.PASS, snapshot=world(None, busy), intent=modest)
    second = machine(gpus=[gpu(), gpu(index=1, used_gib=70)])
    yield Example(outcome=Outcome.PASS, snapshot=world(None, second), intent=serve)
    there = Intent(action=Action.SERVE, engine="vllm", devices=(1,))
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, second), intent=there)
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, busy), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
