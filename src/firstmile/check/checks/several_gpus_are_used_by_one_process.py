"""Each GPU that a training may use gets a process of its own, by a launcher.

Why: a script that plain python starts on a machine with several GPUs is one process, and the
Trainer wraps its model in torch's DataParallel: slower than one process a GPU, the first card
holds gathered outputs and runs out of memory, and adapters, quantized weights and newer models
fail in it. Recent TRL refuses: "does not support nn.DataParallel".

Fix: start by torchrun --nproc_per_node or accelerate launch, or leave one GPU visible.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.ranks import count_of_visible
from firstmile.check.training_sizes import (
    release_here,
    settings_of,
    training_in,
)
from firstmile.check.training_worlds import tuning
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
    symptom="slow/fine-tuning",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/perf_train_gpu_many",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count the GPUs that a script without a launcher sees."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in ("transformers", "trl"):
        return does_not_apply("this program starts its processes itself")
    launcher = intent.launcher
    if launcher is None:
        return not_known("how the training is started")
    if launcher != "python" or intent.parallel.processes is not None:
        return does_not_apply("a launcher starts the processes")
    if intent.device_map not in (None, "cpu"):
        return does_not_apply("the device map says where the model goes")
    if settings_of(intent).truth("use_cpu", "no_cuda"):
        return does_not_apply("the processor trains")
    count = count_of_visible(snapshot, intent)
    if count is None:
        return not_known("the machine's GPUs")
    if count == 0:
        return does_not_apply("the machine has no GPU")
    proof = (seen("started by python"), seen(f"{counted(count, 'GPU is', 'GPUs are')} visible"))
    if count == 1:
        return passed("One process uses one GPU.", *proof)
    remedy = f"Start it by: torchrun --nproc_per_node {count} SCRIPT ..., or set "
    remedy += "CUDA_VISIBLE_DEVICES=0."
    if intent.engine == "trl":
        release = release_here(snapshot, "trl")
        if release is not None and release >= (1, 16):
            return failed(
                f"TRL refuses one process that sees {count} GPUs (DataParallel).",
                *proof,
                remedy=remedy,
            )
    return warned(
        f"One process sees {count} GPUs: the Trainer uses DataParallel, which is slow and fails "
        "with adapters and quantized weights.",
        *proof,
        remedy=remedy,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    one, four = [gpu()], [gpu(index=place) for place in range(4)]

    def of(outcome: Outcome, gpus: Any, trl: str = "1.16.0", **said: Any) -> Example:
        said.setdefault("command", "python train.py")
        here = machine(gpus=gpus, packages={"trl": trl})
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    yield of(Outcome.FAIL, four, engine="trl")
    yield of(Outcome.WARN, four, "0.24.0", engine="trl")
    yield of(Outcome.WARN, four)
    yield of(Outcome.PASS, one)
    yield of(Outcome.PASS, four, devices=(2,))
    yield of(Outcome.SKIP, four, command="torchrun --nproc_per_node 4 train.py")
    yield of(Outcome.SKIP, four, command="trl sft --model m", engine="trl")
    yield of(Outcome.SKIP, four, device_map="auto")
    yield of(Outcome.SKIP, [])
