"""A machine with a GPU is told to put layers of the model on it.

Why: -ngl 0, --device none and num_gpu 0 leave the whole model to the processor, though a GPU is
there: ten times slower and more. Such settings stay behind from a trial on another machine, or in
a Modelfile.

Fix: set -ngl 99 (all layers), or leave it out: newer llama.cpp and Ollama find the number.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    named,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="configuration/inference",
    stage="inference",
    entries=("ollama-runs-on-the-cpu-instead-of-the-gpu",),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a GPU beside a setting that leaves it out."""
    if intent.engine not in ("llama.cpp", "ollama"):
        return does_not_apply("the engine is neither llama.cpp nor Ollama")
    environment = snapshot.environment
    if environment is None:
        return not_known("the GPUs of the machine")
    if not environment.gpus:
        return does_not_apply("the machine has no GPU that is known")
    gpus = seen(named(environment.gpus[0]))
    if intent.gpu_layers == 0 or intent.devices == ():
        said = "no layer on the GPU" if intent.gpu_layers == 0 else "no device"
        flag = "num_gpu" if intent.engine == "ollama" else "-ngl"
        return warned(
            f"The command puts {said}, though there is {environment.gpus[0].name}.",
            gpus,
            seen(f"{flag} 0" if intent.gpu_layers == 0 else "the devices are none"),
            remedy=f"Set {flag} 99, or leave it out.",
        )
    if intent.gpu_layers is None:
        return passed("The engine finds the number of layers itself.", gpus)
    return passed("Layers are put on the GPU.", gpus, seen(f"gpu_layers = {intent.gpu_layers}"))


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    there = world(None, machine(gpus=[gpu()]))
    run = Intent(action=Action.SERVE, engine="llama.cpp", gpu_layers=0)
    yield Example(outcome=Outcome.WARN, snapshot=there, intent=run, says="no layer")
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=replace(run, gpu_layers=99))
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=replace(run, gpu_layers=None))
    none = replace(run, gpu_layers=None, devices=())
    yield Example(outcome=Outcome.WARN, snapshot=there, intent=none, says="no device")
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, machine()), intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=there, intent=Intent(engine="vllm"))
