"""A case's facts as what a check judges: the snapshot, and the intent of the command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firstmile.check.command import Reading, read_command
from firstmile.check.intent import Intent
from firstmile.check.unit import NOTHING
from firstmile.check.worlds import LLAMA, file, folder, gpu, shard, world
from firstmile.facts.environment import Environment, Gpu
from firstmile.facts.model_folder.folder import AddedToken, ModelFolder, Pickle, Tokenizer
from firstmile.facts.snapshot import Snapshot

QWEN: Final[Mapping[str, Any]] = {
    "architectures": ["QWenLMHeadModel"],
    "auto_map": {
        "AutoConfig": "configuration_qwen.QWenConfig",
        "AutoModelForCausalLM": "modeling_qwen.QWenLMHeadModel",
    },
    "model_type": "qwen",
    "hidden_size": 4096,
    "intermediate_size": 22016,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "kv_channels": 128,
    "seq_length": 8192,
    "vocab_size": 151936,
    "use_flash_attn": "auto",
}
"""config.json of Qwen-7B-Chat, as far as checks ask."""
QWEN2: Final[Mapping[str, Any]] = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "max_position_embeddings": 32768,
    "vocab_size": 151936,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "eos_token_id": 151643,
}
"""config.json of Qwen1.5-7B, as far as checks ask."""
GPTQ: Final = {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False}
END_OF_TURN: Final = (
    AddedToken(id=151643, content="<|endoftext|>", special=True),
    AddedToken(id=151644, content="<|im_start|>", special=True),
    AddedToken(id=151645, content="<|im_end|>", special=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a case tells; what it leaves out is not there."""

    snapshot: Snapshot
    intent: Intent


def told(
    command: str | Intent = NOTHING,
    *,
    model: ModelFolder | None = None,
    base: ModelFolder | None = None,
    on: Environment | None = None,
    files: Mapping[str, str] | None = None,
) -> Told:
    """Return the facts of a case; `files` are those that the command names, by their paths."""
    if isinstance(command, str):
        read = read_command(Reading(command=command, expects={}, files=files or {}).typed)
        assert read is not None, f"nobody reads {command}"
        command = read
    return Told(snapshot=world(model, on, base=base), intent=command)


def cards(name: str, gib: float, capability: str, count: int = 1, **said: Any) -> list[Gpu]:
    """Return so many GPUs of one kind."""
    return [gpu(name, gib, capability, index=index, **said) for index in range(count)]


def tokenizer(*added: AddedToken, **said: Any) -> Tokenizer:
    """Return a tokenizer with these tokens added."""
    return Tokenizer(
        **{
            "path": "tokenizer.json",
            "kind": "tokenizer.json",
            "algorithm": "BPE",
            "base_size": 151643,
            "size": 151646,
            "added": added,
            "loads": True,
            **said,
        }
    )


def no_safetensors(path: str = "model.safetensors") -> ModelFolder:
    """Return a folder whose weight file states a length that its header cannot have."""
    broken = shard(
        {},
        path=path,
        size=134,
        problem="its header states a length of 7,306,930,284,701,509,233 bytes",
    )
    pointer = file(path, 134, looks="pointer")
    return folder(config=LLAMA, files=[pointer], shards=[broken])


def pickle(path: str, problem: str) -> Pickle:
    """Return a pickled checkpoint that could not be read."""
    return Pickle(path=path, size_bytes=1_000_000, imports=(), problem=problem)
