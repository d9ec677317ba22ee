"""Classes of engines in a script (`vllm.LLM`), read as the flags of the same engine's command."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, read_started
from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.scripts.kinds import Kind, Sorted
from firstmile.check.scripts.literals import UNREAD
from firstmile.check.settings import Settings

_PROGRAMS: Final[Mapping[str, Sequence[str]]] = {
    "vllm": ("vllm", "serve"),
    "sglang": ("python", "-m", "sglang.launch_server", "--model-path"),
    "llama.cpp": ("llama-cli", "-m"),
}
_OF_LLAMA_CPP: Final = {
    "n_ctx": "-c",
    "n_gpu_layers": "-ngl",
    "n_batch": "-b",
    "n_ubatch": "-ub",
    "n_threads": "-t",
    "lora_path": "--lora",
}
"""Arguments of llama-cpp-python's Llama that llama.cpp knows as flags."""
_LLAMA_CPP: Final = {"n_ctx": 512, "n_gpu_layers": 0}
"""Defaults of that class where llama.cpp's own programs have others."""


def read_served(command: Command, found: Sorted, engine: str, kind: Kind) -> Intent:
    """Return what the class of an engine is told; only the model where some of it is unread."""
    said = kind.agreed()
    model = kind.first("model", "model_path")
    found.note(kind, said, [name for name in said if name not in ("model", "model_path")])
    if model is UNREAD:
        found.say(kind.calls[0], "the model is no literal")
    for name in ("model", "model_path"):
        said.pop(name, None)
    given = {**(_LLAMA_CPP if engine == "llama.cpp" else {}), **said}
    if not isinstance(model, str):
        return Intent(unread=tuple(found.notes))
    words = [*_PROGRAMS[engine], model]
    for name, value in given.items():
        words += _flag_of(engine, name, value)
    inner = replace(read_started(command.starting(words)), command=None, variables={})
    if kind.is_open or any(value is UNREAD for value in said.values()):
        trusted = inner.trust_remote_code
        return Intent(
            model=inner.model,
            tokenizer=inner.tokenizer,
            trust_remote_code=trusted,
            unread=tuple(found.notes),
        )
    sampled = found.samplings.agreed()
    found.note(found.samplings, sampled, ("temperature", "max_tokens", "stop", "stop_token_ids"))
    return replace(
        inner,
        action=Action.GENERATE,
        sampling=sampling_of(sampled) if sampled else inner.sampling,
        stop=texts_of(sampled.get("stop")),
        stop_ids=ids_of(sampled.get("stop_token_ids")),
        unread=(*found.notes, *inner.unread),
    )


def _flag_of(engine: str, name: str, value: Any) -> list[str]:
    """Return an argument of a class as the flag of the same name; nothing where it is unread."""
    if value is UNREAD or value is None:
        return []
    if engine == "llama.cpp":
        flag = _OF_LLAMA_CPP.get(name)
        if flag is None or isinstance(value, bool):
            return []
        return [flag, "all" if name == "n_gpu_layers" and value == -1 else str(value)]
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        if engine == "vllm":
            return [flag if value else f"--no-{flag[2:]}"]
        return [flag] if value else []
    if isinstance(value, dict):
        return [flag, json.dumps(value, default=list)]
    if isinstance(value, tuple):
        return [flag, *(str(each) for each in value)]
    return [f"{flag}={value}"]


def sampling_of(said: Mapping[str, Any]) -> Sampling:
    """Return how tokens are chosen, by the arguments of a call."""
    get = Settings({name: value for name, value in said.items() if value is not UNREAD})
    return Sampling(
        temperature=get.number("temperature"),
        top_p=get.number("top_p"),
        top_k=get.whole("top_k"),
        min_p=get.number("min_p"),
        repetition_penalty=get.number("repetition_penalty"),
        do_sample=get.truth("do_sample"),
        max_new_tokens=get.whole("max_new_tokens", "max_tokens"),
        num_beams=get.whole("num_beams"),
    )


def ids_of(value: Any) -> tuple[int, ...]:
    """Return the ids of one number or several."""
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, int) and not isinstance(each, bool))


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of one text or several."""
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, str))
