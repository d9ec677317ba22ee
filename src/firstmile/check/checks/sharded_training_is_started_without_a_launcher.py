"""DeepSpeed and FSDP are started by a launcher, which tells each process its rank.

Why: both talk to the other processes from the start. Under plain python the Trainer stops at FSDP
with "Using fsdp only works in distributed training", DeepSpeed asks for RANK, WORLD_SIZE and
MASTER_ADDR that nobody set, and LLaMA-Factory on one GPU says "Please use FORCE_TORCHRUN=1 to
launch DeepSpeed training".

Fix: start by torchrun, accelerate launch or deepspeed, also for one GPU.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.check.ranks import count_of_visible
from firstmile.check.training_sizes import fsdp_value, training_in
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
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=(
        "https://huggingface.co/docs/transformers/deepspeed",
        "https://huggingface.co/docs/transformers/fsdp",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at what starts a training that is sharded."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    deepspeed = training.deepspeed is not None
    if not deepspeed and not training.fsdp:
        return does_not_apply("neither DeepSpeed nor FSDP is used")
    if not deepspeed and (fsdp_value(training, "xla_fsdp_v2") or fsdp_value(training, "xla")):
        return does_not_apply("XLA shards by itself")
    name = "DeepSpeed" if deepspeed else "FSDP"
    launcher = intent.launcher
    if launcher is None:
        return not_known("how the training is started")
    if intent.parallel.processes is not None or value_of(snapshot, intent, "RANK") is not None:
        return passed(f"Something tells {name} the ranks.", seen(f"started by {launcher}"))
    if launcher == "llama-factory":
        gpus = count_of_visible(snapshot, intent)
        if value_of(snapshot, intent, "FORCE_TORCHRUN") is not None:
            return passed("FORCE_TORCHRUN makes LLaMA-Factory start torchrun.")
        if gpus is None:
            return not_known("the number of GPUs, by which LLaMA-Factory starts torchrun")
        if gpus > 1:
            return passed("LLaMA-Factory starts torchrun on several GPUs.")
        return failed(
            f"LLaMA-Factory starts one process without torchrun, and {name} needs it.",
            seen(f"{gpus} GPU is visible"),
            seen(f"{name} is used"),
            remedy="Set FORCE_TORCHRUN=1 before the command.",
        )
    if launcher != "python":
        return passed(f"{launcher} tells {name} the ranks.".capitalize())
    tell = warned if deepspeed else failed
    return tell(
        f"The script is started by python alone, and {name} needs a launcher.",
        seen("started by python"),
        seen(f"{name} is used"),
        remedy="Start it by torchrun --nproc_per_node N SCRIPT (N = 1 for one GPU).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    one = machine(gpus=[gpu()])
    two = machine(gpus=[gpu(), gpu(index=1)])

    def of(outcome: Outcome, command: str, here: Any = one, **said: Any) -> Example:
        said = said or {"deepspeed": {"zero_optimization": {"stage": 2}}}
        intent = tuning(command=command, **said)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    yield of(Outcome.FAIL, "python train.py --fsdp full_shard", fsdp={"options": "full_shard"})
    yield of(Outcome.WARN, "python train.py --deepspeed d.json")
    yield of(Outcome.FAIL, "llamafactory-cli train x.yaml")
    yield of(Outcome.PASS, "llamafactory-cli train x.yaml", two)
    forced = {"deepspeed": {}, "variables": {"FORCE_TORCHRUN": "1"}}
    yield of(Outcome.PASS, "llamafactory-cli train x.yaml", **forced)
    yield of(Outcome.PASS, "torchrun train.py --deepspeed d.json")
    yield of(Outcome.PASS, "accelerate launch train.py")
    xla = {"options": "full_shard", "xla": True, "xla_fsdp_v2": True}
    yield of(Outcome.SKIP, "python train.py", fsdp=xla)
    yield of(Outcome.SKIP, "python train.py", fsdp=None)
