"""A folder with weights has the config.json that says what they are.

Why: without it nothing knows which architecture the weights are of: "... does not appear to have a
file named config.json", "Unrecognized model in ...". Weights that were saved with
`torch.save(model.state_dict())` or copied by hand lack it, and checkpoints of trainers that save
the state alone.

Fix: copy config.json (and the files of the tokenizer) from the model that was trained, or save with
`model.save_pretrained(folder)`.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.meta_checkpoints import checkpoint
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import is_weight_file, some
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/config-file",
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/configuration",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for config.json beside weights."""
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model")
    if model.kind in ("adapter", "gguf", "modelfile"):
        return does_not_apply("a model of this form needs no config.json")
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply(f"{intent.engine} reads no config.json")
    names = {one.path for one in model.files if one.kind != "dangling"}
    if "config.json" in names:
        return passed("The folder has a config.json.")
    weights = sorted(path for path in names if is_weight_file(path))
    if not weights:
        return does_not_apply("the folder has no weights")
    if "params.json" in names and intent.engine == "vllm":
        return does_not_apply("vLLM reads Mistral's own params.json")
    if model.kind == "meta" and intent.engine not in ("transformers", "trl", "vllm", "sglang"):
        return does_not_apply("a checkpoint of Meta has params.json in its place")
    if "model_index.json" in names:
        return does_not_apply("the folder is a pipeline of diffusers")
    if model.kind == "meta":
        return failed(
            f"The folder holds a checkpoint in Meta's form, which {intent.engine} does not read.",
            seen(some(weights)),
            remedy="Take the repository in transformers' form (meta-llama/...-hf), or convert it: "
            "python -m transformers.models.llama.convert_llama_weights_to_hf.",
        )
    return failed(
        "The folder has weights and no config.json.",
        seen(some(weights)),
        remedy="Copy config.json from the model that these weights are of: hf download OWNER/NAME "
        "config.json --local-dir FOLDER",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    weights = file("model.safetensors", 9_000)
    whole = folder(config=LLAMA, files=[weights])
    yield Example(outcome=Outcome.PASS, snapshot=world(whole))
    bare = world(folder(files=[weights]))
    yield Example(outcome=Outcome.FAIL, snapshot=bare, says="no config.json")
    raw = world(folder(kind="unknown", files=[file("pytorch_model.bin", 9_000)]))
    yield Example(outcome=Outcome.FAIL, snapshot=raw)
    mistral = world(folder(files=[file("consolidated.safetensors"), file("params.json")]))
    yield Example(outcome=Outcome.SKIP, snapshot=mistral, intent=Intent(engine="vllm"))
    meta = world(checkpoint())
    yield Example(outcome=Outcome.SKIP, snapshot=meta, says="params.json")
    own = Intent(engine="transformers")
    yield Example(outcome=Outcome.FAIL, snapshot=meta, intent=own, says="in Meta's form")
    gguf = world(folder(kind="gguf", files=[file("a.gguf")]))
    yield Example(outcome=Outcome.SKIP, snapshot=gguf, says="does not apply")
    tokenizer = world(folder(kind="unknown", files=[file("tokenizer.json")]))
    yield Example(outcome=Outcome.SKIP, snapshot=tokenizer, says="no weights")
