"""llama.cpp knows the architecture that the GGUF file states.

Why: llama.cpp has code for each architecture, chosen by `general.architecture`. One that a build
does not know ends in "unknown model architecture". It is newer than the build, comes from a fork,
was written for Ollama's own engine (gptoss, mllama, qwen25vl), or is a slip of a script.

Fix: upgrade llama.cpp, take a file that was converted by its own convert_hf_to_gguf.py, or run the
file by the program that it was made for.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.gguf_architectures import NAMES, OF_OLLAMA, READ
from firstmile.check.gguf_files import GgufModel, ggufs_of, models_of
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
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence, Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entries=("engine-does-not-know-the-model-architecture",),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/src/llama-arch.cpp",),
)
_LONGEST: Final = 60


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look the stated architecture up in the list."""
    if intent.engine != "llama.cpp":
        return does_not_apply("the command is none of llama.cpp")
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    known = models_of(snapshot.model) if snapshot.model is not None else ()
    named = [one for one in known if one.architecture]
    if not named:
        return not_known("the architecture of the GGUF file")
    strange = [one for one in named if one.architecture not in NAMES]
    if not strange:
        text = f"The architecture {named[0].architecture} is one that llama.cpp knows."
        return passed(text, _proof(named[0]))
    return [_unknown(one) for one in strange[:3]]


def _unknown(one: GgufModel) -> Verdict:
    name = one.architecture[:_LONGEST]
    if name in OF_OLLAMA:
        return failed(
            f"The architecture {name} is one of Ollama's own files, and llama.cpp refuses it.",
            _proof(one),
            remedy="Run it by Ollama, or take a GGUF file that llama.cpp's own script converted.",
        )
    return warned(
        f"The architecture {name} is not in llama.cpp's list of {READ}.",
        _proof(one),
        remedy="Upgrade llama.cpp to a build that has it; where none has, take a GGUF file that "
        "its own convert_hf_to_gguf.py made.",
    )


def _proof(one: GgufModel) -> Evidence:
    return stated(one.parts[0].path, "general.architecture", one.architecture)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    run = Intent(action=Action.SERVE, engine="llama.cpp", model="m.gguf")

    def of(outcome: Outcome, name: str | None, intent: Intent = run, says: str = "") -> Example:
        made = {} if name is None else {"general.architecture": name}
        tensor = Tensor("token_embd.weight", "F16", (8, 8), 0, 128)
        one = Gguf(
            path="m.gguf", size_bytes=9, version=3, metadata=made, tensors=(tensor,), data_start=9
        )
        snapshot = world(folder(kind="gguf", ggufs=(one,)))
        return Example(outcome=outcome, snapshot=snapshot, intent=intent, says=says)

    yield of(Outcome.PASS, "llama")
    yield of(Outcome.PASS, "gpt-oss")
    yield of(Outcome.PASS, "qwen3moe")
    yield of(Outcome.WARN, "lama9", says=READ)
    yield of(Outcome.FAIL, "gptoss", says="Ollama")
    yield of(Outcome.SKIP, "lama9", Intent(engine="ollama"), says="none of llama.cpp")
    yield of(Outcome.SKIP, None, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
