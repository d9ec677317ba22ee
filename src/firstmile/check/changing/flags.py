"""The flags by which engines know what can be changed, and editing them in a command's words."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A flag that is set; None as value takes none (a switch)."""

    flag: str
    value: str | None


CONTEXT_OF_OLLAMA: Final = "OLLAMA_CONTEXT_LENGTH"
"""The variable of Ollama's server; a Modelfile's `num_ctx` goes before it."""
_OF_SETTINGS: Final = (".yaml", ".yml", ".json")
ANSWERS: Final = "--max_completion_length"
"""What TRL cuts answers by that the model writes itself (GRPOConfig, RLOOConfig)."""
FLAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "vllm": {
        "tensor": "--tensor-parallel-size -tp",
        "pipeline": "--pipeline-parallel-size -pp",
        "data": "--data-parallel-size -dp",
        "share": "--gpu-memory-utilization",
        "context": "--max-model-len",
        "sequences": "--max-num-seqs",
        "batched": "--max-num-batched-tokens",
        "cache": "--kv-cache-dtype",
        "quantization": "--quantization -q",
        "eager": "--enforce-eager",
        "offload": "--cpu-offload-gb",
    },
    "sglang": {
        "tensor": "--tensor-parallel-size --tp-size --tp",
        "pipeline": "--pipeline-parallel-size --pp-size",
        "data": "--data-parallel-size --dp-size --dp",
        "share": "--mem-fraction-static",
        "context": "--context-length",
        "sequences": "--max-running-requests",
        "batched": "--chunked-prefill-size",
        "cache": "--kv-cache-dtype",
        "quantization": "--quantization",
    },
    "llama.cpp": {
        "context": "--ctx-size -c",
        "layers": "--n-gpu-layers --gpu-layers -ngl",
        "batched": "--ubatch-size -ub",
        "cache": "--cache-type-k -ctk",
        "cache_values": "--cache-type-v -ctv",
    },
    "ollama": {"context": CONTEXT_OF_OLLAMA},
    "trl": {
        "batch": "--per_device_train_batch_size",
        "accumulation": "--gradient_accumulation_steps",
        "checkpointing": "--gradient_checkpointing",
        "optimizer": "--optim",
        "length": "--max_length --max_seq_length",
        "adapter": "--use_peft",
        "four_bits": "--load_in_4bit",
        "dtype": "--dtype --torch_dtype",
        "sharding": "--fsdp",
    },
    "transformers": {
        "batch": "--per_device_train_batch_size",
        "accumulation": "--gradient_accumulation_steps",
        "checkpointing": "--gradient_checkpointing",
        "optimizer": "--optim",
        "sharding": "--fsdp",
    },
    "llama-factory": {
        "batch": "--per_device_train_batch_size",
        "accumulation": "--gradient_accumulation_steps",
        "optimizer": "--optim",
        "length": "--cutoff_len",
    },
    "axolotl": {
        "batch": "--micro-batch-size",
        "accumulation": "--gradient-accumulation-steps",
        "length": "--sequence-len",
    },
}
"""What can be changed, by its names in each engine; the first is added where none stands.

Sources: `vllm serve --help` (EngineArgs), SGLang's server arguments, llama.cpp's common/arg.cpp,
TrainingArguments in transformers, SFTConfig and ModelConfig in TRL, LLaMA-Factory's hparams,
axolotl's options of AxolotlInputConfig (cli/utils/args.py).
"""


def edited(words: Sequence[str], edits: Iterable[Edit], engine: str) -> tuple[str, ...]:
    """Return a command's words with flags set: replaced where they stand, else added at the end.

    A flag that stands by another of its names, or with underscores, keeps the name it has.
    """
    found = list(words)
    if engine == "ollama":
        return _assigned(found, edits)
    if engine == "llama-factory" and any(word.endswith(_OF_SETTINGS) for word in words):
        return _overridden(found, edits)
    for edit in edits:
        names = _names(edit, engine)
        place = _place(found, names)
        if place is None:
            found += [edit.flag] if edit.value is None else [edit.flag, edit.value]
            continue
        written = found[place].partition("=")[0]
        if edit.value is None:
            if "=" in found[place] or _has_value(found, place):
                found[place : place + (1 if "=" in found[place] else 2)] = [written]
        elif "=" in found[place]:
            found[place] = f"{written}={edit.value}"
        elif _has_value(found, place):
            found[place + 1] = edit.value
        else:
            found.insert(place + 1, edit.value)
    return tuple(found)


def settings_of(edits: Iterable[Edit], words: Sequence[str], engine: str) -> tuple[str, ...]:
    """Return what edits set, as it stands in the changed words: `-tp 4`, `cutoff_len=2048`."""
    found = []
    if engine == "ollama":
        return tuple(f"{edit.flag}={edit.value}" for edit in edits)
    for edit in edits:
        place = _place(words, _names(edit, engine))
        if place is None:
            name = edit.flag.lstrip("-")
            found += [word for word in words if word.partition("=")[0] == name]
        elif edit.value is None or "=" in words[place]:
            found.append(words[place])
        else:
            found.append(f"{words[place]} {shlex.quote(edit.value)}")
    return tuple(found)


def _names(edit: Edit, engine: str) -> list[str]:
    """Return all names of the flag that is edited."""
    known = (each.split() for each in FLAGS[engine].values())
    return next((names for names in known if edit.flag in names), [edit.flag])


def _assigned(words: list[str], edits: Iterable[Edit]) -> tuple[str, ...]:
    """Return words with variables set before Ollama's server, which alone reads them."""
    if not {"serve", "start"} & set(words):
        return tuple(words)
    for edit in edits:
        words = [word for word in words if word.partition("=")[0] != edit.flag]
        place = 1 if words[0] == "env" else 0
        words.insert(place, f"{edit.flag}={edit.value}")
    return tuple(words)


def _overridden(words: list[str], edits: Iterable[Edit]) -> tuple[str, ...]:
    """Return words with settings over those of LLaMA-Factory's file: `cutoff_len=2048`."""
    for edit in edits:
        name = edit.flag.lstrip("-")
        words = [word for word in words if word.partition("=")[0] != name]
        words.append(f"{name}={edit.value}")
    return tuple(words)


def _place(words: Sequence[str], names: Sequence[str]) -> int | None:
    """Return where a flag stands last, since the last one counts."""
    known = {name.replace("_", "-") for name in names}
    places = [
        place
        for place, word in enumerate(words)
        if word.startswith("-") and word.partition("=")[0].replace("_", "-") in known
    ]
    return places[-1] if places else None


def _has_value(words: Sequence[str], place: int) -> bool:
    after = words[place + 1] if place + 1 < len(words) else "-"
    return not after.startswith("-") or after[1:2].isdigit()
