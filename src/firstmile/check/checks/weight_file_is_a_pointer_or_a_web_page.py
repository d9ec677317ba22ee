"""Every weight file begins as its name promises.

Why: `git clone` without Git LFS leaves pointers of three lines with the names of the weights, an
expired link or a login page leaves HTML, and a download that never began leaves nothing. Loading
then ends in "Error while deserializing header: header too large", "invalid load key, 'v'",
"Weights only load failed ... Unsupported operand 118", or "invalid magic characters" in
llama.cpp. None of them speaks of the download. A GGUF file that is called model.safetensors ends
as the first of these.

Fix: fetch the files again with `hf download`, or run `git lfs install && git lfs pull` in the
clone. Give a GGUF file its own name back, and run it by llama.cpp or Ollama.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import is_weight_file, some
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import file, folder, world
from firstmile.facts.model_folder.folder import File, ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=(
        "checkpoint-is-a-pointer-or-a-web-page",
        "safetensors-file-is-a-pointer-or-not-a-safetensors-file",
        "gguf-file-is-a-pointer-or-incomplete",
    ),
    references=("https://huggingface.co/docs/huggingface_hub/en/guides/cli",),
)
_KINDS: Final = {
    "pointer": "a pointer of Git LFS",
    "html": "a web page",
    "empty": "an empty file",
}

_DEEPER: Final = (".safetensors", ".bin", ".pt", ".pth", ".gguf")
"""Weights that a program looks for in folders of its own, where a pointer is one as well."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look at the first bytes of the weight files."""
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model")
    here = [
        one
        for one in model.files
        if is_weight_file(one.path) or (one.looks == "pointer" and one.path.endswith(_DEEPER))
    ]
    read = [one for one in here if one.kind in ("file", "link")]
    if not read:
        return does_not_apply("the folder has no weight files that can be read")
    found = [(what, [one for one in read if one.looks == looks]) for looks, what in _KINDS.items()]
    verdicts = [
        failed(
            f"Instead of weights there is {what}: {some([one.path for one in files])}.",
            *(seen(f"{one.size_bytes:,} bytes", file=one.path) for one in files[:3]),
            remedy="git lfs install && git lfs pull (or hf download OWNER/NAME --local-dir FOLDER)"
            if what == _KINDS["pointer"]
            else f"Delete {some([file_word(one.path) for one in files])}, then hf download "
            "OWNER/NAME "
            "--local-dir FOLDER",
        )
        for what, files in found
        if files
    ]
    verdicts += _of_gguf(model, read)
    return verdicts or passed(
        f"Each of {counted(len(read), 'weight file')} begins as its name promises."
    )


def _of_gguf(model: ModelFolder, read: Sequence[File]) -> list[Verdict]:
    """Tell GGUF files with names of other forms, where the folder is one of transformers."""
    found = [one for one in read if one.looks == "gguf" and not one.path.endswith(".gguf")]
    if model.kind != "transformers" or not found:
        return []
    return [
        failed(
            f"Instead of weights of that form there is GGUF: {some([one.path for one in found])}.",
            *(seen("begins as a GGUF file", file=one.path) for one in found[:3]),
            remedy="Run it by llama.cpp or Ollama, or fetch the weights in transformers' form: hf "
            "download OWNER/NAME --local-dir FOLDER",
        )
    ]


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    inner = folder(files=[file("1/mp_rank_00_model_states.pt", 134, looks="pointer")])
    yield Example(outcome=Outcome.FAIL, snapshot=world(inner), says="Git LFS")

    def holding(*files: tuple[str, str]) -> Snapshot:
        return world(folder(files=[file(path, 130, looks=looks) for path, looks in files]))

    good = holding(("model.safetensors", "safetensors"), ("pytorch_model.bin", "zip"))
    yield Example(outcome=Outcome.PASS, snapshot=good)
    old = holding(("pytorch_model.bin", "pickle"), ("training_args.bin", "empty"))
    yield Example(outcome=Outcome.PASS, snapshot=old)
    for looks, says in (("pointer", "Git LFS"), ("html", "web page"), ("empty", "empty")):
        bad = holding(("a.safetensors", "safetensors"), ("b.safetensors", looks))
        yield Example(outcome=Outcome.FAIL, snapshot=bad, says=says)
    other = holding(("model.safetensors", "gguf"))
    yield Example(outcome=Outcome.FAIL, snapshot=other, says="there is GGUF")
    alone = folder(kind="gguf", files=[file("m.safetensors", looks="gguf")])
    yield Example(outcome=Outcome.PASS, snapshot=world(alone))
    tokenizer = holding(("tokenizer.json", "pointer"))
    yield Example(outcome=Outcome.SKIP, snapshot=tokenizer, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
