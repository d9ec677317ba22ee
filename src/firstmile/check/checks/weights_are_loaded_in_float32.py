"""Weights that are stored in 16 bits are loaded in 16 bits.

Why: transformers before version 5 loads every model in float32 unless a type is named, and so
does TRL's SFTTrainer when it is given the model's name. Weights then take twice the memory that
the files do, and a model that fits ends with "CUDA out of memory".

Fix: name the type: `dtype="auto"` (`torch_dtype="auto"` before 4.56), or --dtype bfloat16 in TRL.
On a T4, V100 or RTX 20, which have no bfloat16, name float16 for weights that are not trained.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import version_of
from firstmile.check.intent import Action, Intent, Lora, Training
from firstmile.check.memory.amount import bytes_of
from firstmile.check.memory.settings import loaded_bytes
from firstmile.check.memory.telling import sized
from firstmile.check.precision import BFLOAT16_FROM, OVERFLOWING, number_type, nvidia_gpus, weakest
from firstmile.check.quantized_files import quantized_files
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.ways_of_saying import owner_of
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="api/call-parameter",
    entries=("weights-do-not-fit-on-the-gpu-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/models",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the type of the files with the one that the library loads without being told."""
    if intent.engine not in ("transformers", "trl"):
        return does_not_apply("the engine takes the type of the files")
    if snapshot.model is None or snapshot.model.config is None:
        return not_known("the config of the model")
    sizes = read_architecture(snapshot.model.config)
    if quantized_files(snapshot.model.config) is not None or intent.load_in_bits is not None:
        return does_not_apply("the weights are quantized, and kept in what they are packed in")
    if bytes_of(sizes.dtype) != 2:
        return does_not_apply("the config states no type of 16 bits")
    frozen = intent.training is not None and intent.training.method not in (None, "full")
    if intent.engine == "trl" and not frozen:
        return does_not_apply("weights that are trained may well be float32")
    if intent.dtype is not None and intent.dtype not in ("float32", "auto"):
        return passed(f"The weights are loaded in {intent.dtype}.", seen(f"dtype = {intent.dtype}"))
    if intent.dtype == "float32":
        return does_not_apply("the command asks for float32")
    environment = snapshot.environment
    installed = version_of(snapshot, "transformers")
    if intent.engine == "transformers" and installed is None:
        return not_known("the version of transformers")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    proof = (
        stated("config.json", "torch_dtype", sizes.dtype),
        seen(f"transformers {installed or 'of unknown version'}, no dtype in the command"),
    )
    if loaded_bytes(intent, sizes, environment) <= 2:
        return passed("The weights are loaded in the type of the files.", *proof)
    oldest = weakest(nvidia_gpus(snapshot, intent))
    lacks = oldest is not None and oldest[1] < BFLOAT16_FROM
    halves = lacks and number_type(sizes.dtype) == "bfloat16"
    if lacks and intent.trains and not frozen:
        return does_not_apply("this GPU trains under fp16, which wants weights in float32")
    if halves and sizes.model_type in OVERFLOWING:
        return does_not_apply("this model overflows in float16, and the GPU has no bfloat16")
    return warned(
        f"The weights are loaded in float32: {shown(found.weights.likely)}, twice what the files "
        "take.",
        *proof,
        remedy=f"Name the type: {_type_of(intent, halves=halves)}.",
    )


def _type_of(intent: Intent, *, halves: bool) -> str:
    """Return the type to name, by a flag or in code."""
    if intent.engine == "trl" and owner_of(intent) is None:
        return "--dtype float16" if halves else "--dtype bfloat16"
    return 'torch_dtype="float16"' if halves else 'torch_dtype="auto"'


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)

    def there(version: str) -> Snapshot:
        return world(model, machine(gpus=[gpu()], packages={"transformers": version}))

    run = Intent(action=Action.GENERATE, engine="transformers")
    yield Example(outcome=Outcome.WARN, snapshot=there("4.46.3"), intent=run, says="twice")
    yield Example(outcome=Outcome.PASS, snapshot=there("5.2.0"), intent=run)
    named = Intent(action=Action.GENERATE, engine="transformers", dtype="bfloat16")
    yield Example(outcome=Outcome.PASS, snapshot=there("4.46.3"), intent=named)
    lora = Training(method="lora", lora=Lora(rank=16))
    tune = Intent(action=Action.FINE_TUNE, engine="trl", training=lora)
    yield Example(outcome=Outcome.WARN, snapshot=there("5.2.0"), intent=tune)
    t4 = machine(gpus=[gpu("Tesla T4", 16, "7.5")], packages={"transformers": "4.57.1"})
    old = world(model, t4)
    yield Example(outcome=Outcome.WARN, snapshot=old, intent=tune)
    yield Example(outcome=Outcome.WARN, snapshot=old, intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=old, intent=tuning(fp16=True, method="full"))
    yield Example(outcome=Outcome.WARN, snapshot=old, intent=tuning(**adapter()))
    four = replace(tune, load_in_bits=4)
    yield Example(outcome=Outcome.SKIP, snapshot=there("5.2.0"), intent=four, says="quantized")
    packed = folder(config={**LLAMA, "quantization_config": {"quant_method": "fp8"}})
    fp8 = world(packed, machine(gpus=[gpu()], packages={"transformers": "4.46.3"}))
    yield Example(outcome=Outcome.SKIP, snapshot=fp8, intent=run, says="quantized")
    overflows = world(folder(config={**LLAMA, "model_type": "gemma2"}), t4)
    yield Example(outcome=Outcome.SKIP, snapshot=overflows, intent=run, says="overflows")
    yield Example(outcome=Outcome.SKIP, snapshot=there("4.46.3"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
