"""The folder holds weights in a form that the engine reads.

Why: transformers looks for four names: model.safetensors, its index, pytorch_model.bin and its
index. Meta's own form (`consolidated.00.pth`), shards without their index, a checkpoint of
DeepSpeed or FSDP, TensorFlow, Flax, ONNX or GGUF files are not among them: "Error no file named
model.safetensors, or pytorch_model.bin, found in directory". vLLM and SGLang take any
`*.safetensors`, and stop at "Cannot find any model weights" for the others.

Fix: depends on what is there: fetch the index, take the repository in transformers' form (Meta's
end in "-hf"), convert (`zero_to_fp32.py`, `accelerate merge-weights`), or use the engine of the
form.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.own_code import uses_transformers
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
from firstmile.check.weight_files import folder_of, names_another_form, some, weights_that_load
from firstmile.check.words_to_copy import file_word, python_text
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entries=("folder-holds-no-weights-that-transformers-reads",),
    references=("https://huggingface.co/docs/transformers/main/en/models",),
)
_OTHERS: Final = {
    "consolidated": "the form of Meta or Mistral; take the repository in transformers' form",
    "global_step": "a checkpoint of DeepSpeed: python zero_to_fp32.py . OUT --safe_serialization",
    "pytorch_model_fsdp": "a checkpoint of FSDP: accelerate merge-weights FOLDER OUT",
    ".distcp": "a checkpoint of FSDP: accelerate merge-weights FOLDER OUT",
    ".gguf": "GGUF: give the file's name (gguf_file=...), or use llama.cpp",
    ".onnx": "ONNX: use onnxruntime or optimum, or take the original repository",
    "tf_model.h5": "TensorFlow: take a repository with safetensors",
    "flax_model.msgpack": "Flax: take a repository with safetensors",
}
_OF_OTHERS: Final = ("adapter_model.safetensors", "consolidated.safetensors")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the names that are looked for, and name what is there instead."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return not_known("the config of the model")
    if model.why_not("files") is not None or model.why_not("index") is not None:
        return not_known("all files of the folder, and its index")
    if "transformers_weights" in model.config or names_another_form(intent):
        return does_not_apply("the form of the weights is named")
    taken = weights_that_load(model)
    if taken is not None:
        return passed("The weights have a name that is looked for.", seen(some(taken.paths)))
    paths = [one.path for one in model.files]
    loose = [path for path in paths if path.endswith(".safetensors") and "/" not in path]
    if loose and intent.engine in ("vllm", "sglang"):
        return passed(f"Any safetensors file is read by {intent.engine}.", seen(some(loose)))
    if not uses_transformers(intent) and intent.engine not in ("vllm", "sglang"):
        return does_not_apply(f"{intent.engine} does not look for transformers' names")
    return _without(model, paths, loose, intent)


def _without(model: ModelFolder, paths: list[str], loose: list[str], intent: Intent) -> Verdict:
    text = "No weight file has a name that transformers looks for"
    variant = next((path for path in loose if path.startswith("model.")), None)
    shards = [path for path in loose if path.startswith("model-")]
    if variant is not None and ".index" not in variant:
        word = variant.split(".")[1]
        return warned(
            f"{text}; there is {variant}.",
            seen("a variant", file=variant),
            remedy=f"from_pretrained(..., variant={python_text(word)})",
        )
    if shards:
        return failed(
            f"{text}: the shards lack their index.",
            seen(some(shards)),
            remedy="hf download OWNER/NAME model.safetensors.index.json --local-dir FOLDER",
        )
    if len(loose) == 1 and model.index is None and loose[0] not in _OF_OTHERS:
        return failed(
            f"{text}; the one file of safetensors has another.",
            seen(loose[0]),
            remedy=f"Rename it: mv {file_word(loose[0])} model.safetensors",
        )
    for mark, what in _OTHERS.items():
        found = [path for path in paths if mark in path]
        if found:
            how, _, remedy = what.partition(": ")
            remedy = remedy or what.partition("; ")[2]
            how = how.partition("; ")[0]
            if mark == ".gguf" and intent.engine is None:
                return warned(f"{text}; there is {how}.", seen(some(found)), remedy=remedy)
            return failed(f"{text}; there is {how}.", seen(some(found)), remedy=remedy)
    return failed(
        f"{text}.",
        seen(f"{counted(len(paths), 'file')}: {some(paths, 6)}"),
        remedy="hf download OWNER/NAME --local-dir FOLDER",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*paths: str) -> Snapshot:
        return world(folder(config=LLAMA, files=[file(path, 9_000) for path in paths]))

    own, vllm = Intent(engine="transformers"), Intent(engine="vllm")
    yield Example(outcome=Outcome.PASS, snapshot=of("model.safetensors"), intent=own)
    yield Example(outcome=Outcome.PASS, snapshot=of("pytorch_model.bin"))
    first = "model-00001-of-00002.safetensors"
    yield Example(outcome=Outcome.FAIL, snapshot=of(first), says="lack their index")
    yield Example(outcome=Outcome.PASS, snapshot=of(first), intent=vllm)
    yield Example(outcome=Outcome.PASS, snapshot=of("consolidated.safetensors"), intent=vllm)
    meta = of("consolidated.00.pth", "params.json")
    yield Example(outcome=Outcome.FAIL, snapshot=meta, intent=own, says="the form of Meta")
    yield Example(outcome=Outcome.FAIL, snapshot=of("global_step500/mp_rank_00.pt"))
    odd = of("gptq_model-4bit-128g.safetensors")
    yield Example(outcome=Outcome.FAIL, snapshot=odd, intent=own, says="has another")
    yield Example(outcome=Outcome.WARN, snapshot=of("model.fp16.safetensors"), says="fp16")
    yield Example(outcome=Outcome.WARN, snapshot=of("model-q4.gguf"), says="GGUF")
    yield Example(outcome=Outcome.FAIL, snapshot=of("model-q4.gguf"), intent=own, says="GGUF")
    yield Example(outcome=Outcome.FAIL, snapshot=of("tokenizer.json"), says="No weight file")
    named = Intent(engine="vllm", load_format="dummy")
    yield Example(outcome=Outcome.SKIP, snapshot=of(), intent=named, says="is named")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(kind="gguf")), says="not a folder")
