"""llama.cpp is given a GGUF file, not a folder and no weights of another form.

Why: llama.cpp opens one file and reads GGUF alone. A folder, a safetensors file or a pickle ends in
"failed to read magic" or "invalid magic characters", then "failed to load model"; a repository
without a GGUF file in it ends before that.

Fix: name the file (`-m FOLDER/model-Q4_K_M.gguf`). Where there is none, take a repository that has
one (`-hf OWNER/NAME-GGUF:Q4_K_M`), or convert: `python convert_hf_to_gguf.py FOLDER --outfile
model.gguf --outtype bf16` of llama.cpp's repository, then `llama-quantize model.gguf
model-Q4_K_M.gguf Q4_K_M`.
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent
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
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import SOME_FILE, file_word, text_word
from firstmile.check.worlds import LLAMA, file, folder, shard, world
from firstmile.facts.model_folder.folder import Gguf, ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py",
        "https://github.com/ggml-org/llama.cpp/tree/master/tools/quantize",
    ),
)
_ON_THE_HUB: Final = ("hf_repo", "docker_repo", "model_url")
_OTHERS: Final = (".safetensors", ".bin", ".pt", ".pth")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask what lies where llama.cpp is sent to."""
    if intent.engine != "llama.cpp":
        return does_not_apply("the command is none of llama.cpp")
    model = snapshot.model
    if model is None:
        return not_known("what the command names as the model")
    if model.kind == "adapter":
        return does_not_apply("an adapter is given")
    is_folder = all(each.path != posixpath.basename(model.path) for each in model.files)
    named = {each.name for each in intent.arguments}
    local = {each.value for each in intent.arguments if each.name == "model"}
    from_hub = not named.isdisjoint(_ON_THE_HUB) and intent.model not in local
    if model.ggufs:
        if is_folder and not from_hub and not (intent.model or "").endswith(".gguf"):
            return _folder(model)
        return passed(
            "A GGUF file is given to llama.cpp.", seen(some([one.path for one in model.ggufs]))
        )
    weights = [each.path for each in model.files if each.path.endswith(_OTHERS)]
    if not weights:
        return not_known("the weights: neither GGUF nor another form was seen")
    if from_hub:
        return warned(
            "A GGUF file is what llama.cpp wants, and the repository has none that was seen.",
            seen(some(weights)),
            remedy="Take a repository with GGUF files: -hf OWNER/NAME-GGUF:Q4_K_M.",
        )
    given = "folder" if is_folder else "file"
    source = model.path if is_folder else posixpath.dirname(model.path) or "."
    return failed(
        f"A GGUF file is what llama.cpp wants, and the {given} holds weights of another form.",
        seen(some(weights)),
        remedy="Convert it by the script of llama.cpp's repository: python convert_hf_to_gguf.py "
        f"{text_word(source)} --outfile model.gguf --outtype bf16; or take a repository with GGUF "
        "files.",
    )


def _folder(model: ModelFolder) -> Verdict:
    paths = [each.path for each in model.ggufs]
    first = paths[0] if file_word(paths[0]) != SOME_FILE else SOME_FILE
    return failed(
        "A GGUF file is what llama.cpp wants, and the command names the folder of one.",
        seen(some(paths)),
        remedy=f"Name the file: -m {text_word(posixpath.join(model.path, first))}",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(model: str, option: str = "model") -> Intent:
        said = (Argument(written=f"--{option}", name=option, value=model),)
        return Intent(engine="llama.cpp", model=model, arguments=said)

    safe = folder(config=LLAMA, shards=[shard({"a": ("BF16", (8, 8))})])
    yield Example(
        outcome=Outcome.FAIL,
        snapshot=world(safe),
        intent=of("model"),
        says="the folder holds weights",
    )
    hub = of("Qwen/Qwen3-8B", "hf_repo")
    yield Example(
        outcome=Outcome.WARN, snapshot=world(safe), intent=hub, says="has none that was seen"
    )
    beside = Argument(written="-m", name="model", value="m-Q4_K_M.gguf")
    yield Example(
        outcome=Outcome.WARN,
        snapshot=world(safe),
        intent=replace(hub, arguments=(*hub.arguments, beside)),
        says="has none that was seen",
    )
    one = Gguf(
        path="m-Q4_K_M.gguf", size_bytes=9_000, version=3, metadata={}, tensors=(), data_start=64
    )
    kept = folder(kind="gguf", files=[file("m-Q4_K_M.gguf", 9_000)], ggufs=(one,))
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(kept), intent=of("model"), says="names the folder"
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(kept), intent=of("model/m-Q4_K_M.gguf"))
    yield Example(
        outcome=Outcome.PASS, snapshot=world(kept), intent=of("ggml-org/m-GGUF:Q4_K_M", "hf_repo")
    )
    blob = folder(kind="gguf", files=[file("model", 9_000)], ggufs=(one,))
    yield Example(outcome=Outcome.PASS, snapshot=world(blob), intent=of("blobs/sha256-model"))
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(safe), intent=Intent(engine="vllm", model="model")
    )
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=of("gone.gguf"), says="not known")
    empty = folder(kind="unknown", files=[file("notes.txt")])
    yield Example(outcome=Outcome.SKIP, snapshot=world(empty), intent=of("model"), says="not known")
    adapter = folder(kind="adapter", files=[file("adapter_model.safetensors")])
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(adapter), intent=of("model"), says="an adapter"
    )
