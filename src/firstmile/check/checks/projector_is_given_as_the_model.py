"""The GGUF file that is loaded as the model is one that writes text.

Why: models that see come in two files, the language model and a projector for images (mmproj),
whose architecture is clip. Given as the model it is refused: "unknown model architecture: 'clip'".

Fix: load the other file, and give this one beside it: -m model.gguf --mmproj mmproj.gguf.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.gguf_files import models_of
from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    stated,
    warned,
)
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=("https://github.com/ggml-org/llama.cpp/blob/master/docs/multimodal.md",),
)
_KEY: Final = "general.architecture"
_CLIP: Final = "clip"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look whether all that is there, or what the command names, is a projector."""
    model = snapshot.model
    if model is None:
        return not_known("the model's file")
    read = [each for each in model.ggufs if each.problem is None]
    if not read:
        return does_not_apply("there is no GGUF file that could be read")
    clips = [each for each in read if each.metadata.get(_KEY) == _CLIP]
    if not clips:
        return passed("No file is a projector for images.")
    name = (intent.model or "").replace("\\", "/").rpartition("/")[2]
    named = next((each for each in clips if each.path.rpartition("/")[2] == name), None)
    if named is None and models_of(model):
        return passed("A language model lies beside the projector.")
    which = named or clips[0]
    say = failed if intent.action in (Action.SERVE, Action.GENERATE) else warned
    return say(
        f"The file {which.path} is a projector for images, not a language model.",
        stated(which.path, _KEY, _CLIP),
        remedy="Load the model's other GGUF file, and give this one beside it (--mmproj).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def made(path: str, architecture: str) -> Gguf:
        sizes = {f"{architecture}.block_count": 1, "tokenizer.ggml.model": "gpt2"}
        return Gguf(
            path=path,
            size_bytes=9000,
            version=3,
            metadata={_KEY: architecture, **(sizes if architecture != _CLIP else {})},
            tensors=(Tensor("token_embd.weight", "F32", (32,), 0, 128),),
            data_start=99,
        )

    def of(*ggufs: Gguf) -> ModelFolder:
        return folder(kind="gguf", ggufs=ggufs)

    clip, llama = made("mmproj.gguf", _CLIP), made("m.gguf", "llama")
    asked = Intent(engine="llama.cpp", action=Action.SERVE, model="mmproj.gguf")
    yield Example(outcome=Outcome.FAIL, snapshot=world(of(clip)), intent=asked)
    yield Example(outcome=Outcome.FAIL, snapshot=world(of(clip, llama)), intent=asked)
    yield Example(outcome=Outcome.WARN, snapshot=world(of(clip)))
    yield Example(outcome=Outcome.PASS, snapshot=world(of(clip, llama)))
    yield Example(outcome=Outcome.PASS, snapshot=world(of(llama)))
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no GGUF file")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
