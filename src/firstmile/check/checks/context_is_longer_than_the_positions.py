"""The context that is asked for lies within the positions that the model was trained on.

Why: a config states how many positions a model has learnt (`max_position_embeddings`), stretched
by its RoPE scaling where there is one. vLLM and SGLang refuse a longer context ("is greater than
the derived max_model_len"); Ollama cuts it back; llama-server cuts what one conversation may hold,
and still lays out keys and values for all of it; llama-cli, transformers, and servers that are told
to take it, answer well at first and fall apart beyond the limit, without an error.

Fix: ask for no more than the model has, or give it the RoPE scaling that its makers name for
longer contexts.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import (
    sizes_of,
    stated_in,
    text_of,
    unknown_config,
    written,
)
from firstmile.check.rope import stretched
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import Architecture
from firstmile.facts.model_folder.folder import Gguf
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entries=(
        "text-beyond-the-trained-length-falls-apart",
        "prompt-is-longer-than-the-server-allows",
    ),
    references=(
        "https://docs.vllm.ai/en/stable/configuration/engine_args.html",
        "https://github.com/vllm-project/vllm/blob/main/vllm/config/model.py",
    ),
)
_ALLOWED: Final = {
    "vllm": "VLLM_ALLOW_LONG_MAX_MODEL_LEN",
    "sglang": "SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN",
}
"""Variables that make a server take a longer context all the same."""
_CUT: Final = ("llama.cpp", "ollama")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the context against the positions, stretched by RoPE scaling."""
    if intent.context is None:
        return does_not_apply("the command asks for no context of its own")
    sizes = sizes_of(snapshot)
    if sizes is None:
        return unknown_config()
    most = _most(snapshot, intent, sizes)
    if most is None:
        return does_not_apply("the config states no number of positions")
    asked = _of_one_sequence(intent, intent.context)
    key = "max_position_embeddings" if stated_in(snapshot) == "config.json" else "context_length"
    proof = (
        seen(f"context = {intent.context:,}"),
        stated(stated_in(snapshot), key, sizes.positions),
    )
    if asked <= most:
        return passed(f"A context of {asked:,} is within the model's {most:,}.", *proof)
    said = f"A context of {asked:,} is longer than the {most:,} positions of the model"
    remedy = f"Ask for a context of {most:,}, or less."
    if intent.engine in _CUT:
        return warned(f"{said}; {_then(intent, most)}.", *proof, remedy=remedy)
    variable = _ALLOWED.get(intent.engine or "")
    if variable and (value_of(snapshot, intent, variable) or "").lower() in ("1", "true", "yes"):
        return warned(
            f"{said}; texts that are longer fall apart.",
            *proof,
            seen(f"{variable} is set"),
            remedy=remedy,
        )
    if variable:
        return failed(f"{said}; {intent.engine} refuses to start.", *proof, remedy=remedy)
    return failed(f"{said}.", *proof, remedy=remedy)


def _then(intent: Intent, most: int) -> str:
    """Say what becomes of the context: Ollama cuts it, llama-server what a slot holds of it."""
    if intent.engine == "ollama":
        return f"Ollama cuts it back to {most:,}"
    if not intent.serves:
        return "longer texts fall apart"
    return f"a conversation is cut at {most:,}, and memory is taken for all of it"


def _most(snapshot: Snapshot, intent: Intent, sizes: Architecture) -> int | None:
    """Return the usable positions.

    Cohere's configs state longer ones under another name than transformers reads, which engines
    heed; an override of the command counts before the file.
    """
    override = intent.overrides.get("max_position_embeddings")
    if isinstance(override, int) and not isinstance(override, bool):
        sizes = replace(sizes, positions=override)
    most = stretched(sizes, intent.rope_scaling)
    further = (text_of(snapshot) or {}).get("model_max_length")
    if most is not None and isinstance(further, int) and not isinstance(further, bool):
        return max(most, further)
    return most


def _of_one_sequence(intent: Intent, context: int) -> int:
    """Return the context of one sequence: llama-server parts it among its slots."""
    if intent.engine != "llama.cpp" or written(intent, "kv_unified") is not None:
        return context
    return context // max(intent.sequences or 1, 1)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.PASS, snapshot=model, intent=Intent(context=8192))
    yield Example(
        outcome=Outcome.FAIL, snapshot=model, intent=Intent(context=131072), says="131,072"
    )
    serve = Intent(engine="vllm", context=8193)
    yield Example(outcome=Outcome.FAIL, snapshot=model, intent=serve, says="refuses")
    told = replace(serve, variables={"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"})
    yield Example(outcome=Outcome.WARN, snapshot=model, intent=told)
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    long = folder(config={**LLAMA, "max_position_embeddings": 32768, "rope_scaling": yarn})
    yield Example(outcome=Outcome.PASS, snapshot=world(long), intent=Intent(context=131072))
    qwen = world(folder(config={**LLAMA, "max_position_embeddings": 40960}))
    asked = Intent(engine="vllm", context=131072, rope_scaling=yarn)
    yield Example(outcome=Outcome.PASS, snapshot=qwen, intent=asked)
    yield Example(
        outcome=Outcome.FAIL, snapshot=qwen, intent=replace(asked, context=131073), says="131,072"
    )
    deepseek = {**yarn, "factor": 40, "original_max_position_embeddings": 4096}
    trained = {**LLAMA, "max_position_embeddings": 163840, "rope_scaling": deepseek}
    yield Example(
        outcome=Outcome.PASS,
        snapshot=world(folder(config=trained)),
        intent=Intent(engine="vllm", context=163840),
    )
    command_r = folder(config={**LLAMA, "model_max_length": 131072})
    yield Example(outcome=Outcome.PASS, snapshot=world(command_r), intent=Intent(context=131072))
    header = {"general.architecture": "llama", "llama.context_length": 8192}
    gguf = Gguf(path="m.gguf", size_bytes=9, version=3, metadata=header, tensors=(), data_start=9)
    one = world(folder(kind="gguf", ggufs=(gguf,)))
    shared = Intent(action=Action.SERVE, engine="llama.cpp", context=32768, sequences=4)
    yield Example(outcome=Outcome.PASS, snapshot=one, intent=shared)
    yield Example(
        outcome=Outcome.WARN, snapshot=one, intent=replace(shared, sequences=None), says="is cut at"
    )
    made = Intent(action=Action.CONVERT, engine="ollama", context=32768)
    yield Example(outcome=Outcome.WARN, snapshot=one, intent=made, says="cuts it back to 8,192")
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(), intent=Intent(context=10), says="not known"
    )
