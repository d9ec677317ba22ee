"""Flash attention that the first Qwen's own code takes by itself runs on this GPU, in this type.

Why: `use_flash_attn` in Qwen's config.json is "auto" or true, and the model's code then takes
flash-attn wherever it is installed and the model is in a half type, without being asked. Before
Ampere it ends in "FlashAttention only supports Ampere GPUs or newer". In training, samples that are
padded by another trainer's code end in "assert seqlen_k == seqlen_q".

Fix: put "use_flash_attn": false into config.json, or give it to from_pretrained, or uninstall
flash-attn.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import program_of
from firstmile.check.installed import installed, named, python_of, unknown_python
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.own_code import uses_transformers
from firstmile.check.precision import dotted, number_type, nvidia_gpus, on_processor, weakest
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/operation-restriction",
    cause="environment/system-architecture",
    stage="inference",
    entries=("garbage-comes-only-with-flash-attention",),
    references=(
        "https://huggingface.co/Qwen/Qwen-7B-Chat/blob/main/modeling_qwen.py",
        "https://github.com/Dao-AILab/flash-attention#installation-and-features",
    ),
)
_KEY: Final = "use_flash_attn"
_OFF: Final = 'Put "use_flash_attn": false into config.json, or pip uninstall flash-attn.'


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Find flash-attn beside a config that lets the model's code take it."""
    if not uses_transformers(intent):
        return does_not_apply(f"{intent.engine} does not run the model's own code")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    if config.get("model_type") != "qwen" or _KEY not in config:
        return does_not_apply("the model's code does not choose an attention by its config")
    stating = stated("config.json", _KEY, config[_KEY])
    if config[_KEY] is False:
        return passed("The model's code leaves flash attention out.", stating)
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    flash = python.package("flash-attn")
    if flash is None:
        return passed("Flash attention is not installed, so that it is not taken.", stating)
    if number_type(intent.dtype) == "float32" or on_processor(snapshot, intent):
        return passed("In float32, or on the processor, the code leaves it out.", stating)
    found = weakest(nvidia_gpus(snapshot, intent))
    proof = (stating, installed(flash))
    if found is not None and found[1] < (8, 0) and flash.version.partition(".")[0] != "1":
        device, capability = found
        return failed(
            f"The model's code takes flash-attn {flash.version}, which {device.name} "
            f"({dotted(capability)}) does not run.",
            *proof,
            seen(named(device)),
            remedy=_OFF,
        )
    if intent.trains and program_of(intent.script or "") != "finetune.py":
        return warned(
            "The model's code takes flash attention in training, where it fails at samples that "
            "are padded otherwise than by Qwen's own script.",
            *proof,
            remedy=_OFF,
        )
    return passed("The model's code takes flash attention, which this GPU runs.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(said: Any, capability: str, flash: str | None = "2.5.2") -> Snapshot:
        packages = {"torch": "2.1.0", "transformers": "4.37.2"}
        if flash is not None:
            packages["flash-attn"] = flash
        there = machine(gpus=[gpu("a card", 16, capability)], packages=packages)
        config = {**LLAMA, "model_type": "qwen", "use_flash_attn": said}
        return world(folder(config=config), there)

    run = Intent(action=Action.GENERATE, engine="transformers")
    yield Example(outcome=Outcome.FAIL, snapshot=of("auto", "7.5"), intent=run, says="7.5")
    yield Example(outcome=Outcome.FAIL, snapshot=of(True, "7.0"))
    yield Example(outcome=Outcome.PASS, snapshot=of("auto", "8.6"), intent=run)
    yield Example(outcome=Outcome.PASS, snapshot=of(False, "7.5"), intent=run)
    yield Example(outcome=Outcome.PASS, snapshot=of("auto", "7.5", None), intent=run)
    full = replace(run, dtype="float32")
    yield Example(outcome=Outcome.PASS, snapshot=of("auto", "7.5"), intent=full)
    train = tuning(command="python train_qwen.py")
    yield Example(outcome=Outcome.WARN, snapshot=of("auto", "8.0"), intent=train, says="padded")
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of("auto", "7.5"), intent=vllm)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
