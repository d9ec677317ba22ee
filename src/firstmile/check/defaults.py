"""What engines take where nothing is said: facts that checks may state, with their versions.

An intent leaves unsaid what the command leaves unsaid; these are looked up beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A default: what an intent's field is where nothing is said.

    `value` None means that the engine decides by model or machine, as `note` says. `before` is
    what earlier versions took.
    """

    value: Any
    before: Any = None
    note: str = ""


VLLM: Final[Mapping[str, Default]] = {
    "dtype": Default(value="auto", note="that of the config; float32 becomes a half type"),
    "kv_cache_dtype": Default(value="auto", note="the number type of the model"),
    "gpu_memory_share": Default(value=0.92, before=0.9),
    "context": Default(value=None, note="the longest that the config states"),
    "sequences": Default(
        value=None,
        note="1024 on GPUs of 70 GiB and more that are no A100, otherwise 256",
    ),
    "batched_tokens": Default(
        value=None,
        note="8192 for a server on GPUs of 70 GiB and more that are no A100, 16384 from "
        "160 GiB, otherwise 2048",
    ),
    "cpu_offload_bytes": Default(value=0),
    "parallel.tensor": Default(value=1),
    "parallel.pipeline": Default(value=1),
    "parallel.data": Default(value=1),
    "cuda_graphs": Default(value=True),
    "trust_remote_code": Default(value=False),
    "lora_rank_limit": Default(value=16),
    "port": Default(value=8000),
}
"""vLLM 0.33 (vllm/config and vllm/engine/arg_utils.py)."""

SGLANG: Final[Mapping[str, Default]] = {
    "dtype": Default(value="auto"),
    "kv_cache_dtype": Default(value="auto"),
    "gpu_memory_share": Default(value=None, note="by the memory of the GPU and the parallelism"),
    "context": Default(value=None, note="the longest that the config states"),
    "parallel.tensor": Default(value=1),
    "parallel.pipeline": Default(value=1),
    "parallel.data": Default(value=1),
    "cuda_graphs": Default(value=True),
    "prefix_caching": Default(value=True),
    "trust_remote_code": Default(value=False),
    "host": Default(value="127.0.0.1"),
    "port": Default(value=30000),
}
"""SGLang 0.5.23 (sglang/srt/arg_groups/fields)."""

LLAMA_CPP: Final[Mapping[str, Default]] = {
    "context": Default(value=None, note="that which the file states (0)"),
    "batch_size": Default(value=2048),
    "batched_tokens": Default(value=512),
    "kv_cache_dtype": Default(value="f16"),
    "gpu_layers": Default(value=None, note="as many as fit (auto)"),
    "attention": Default(value=None, note="flash attention where the back end has it (auto)"),
    "prefix_caching": Default(value=True),
    "sampling.temperature": Default(value=0.8),
    "sampling.top_k": Default(value=40),
    "sampling.top_p": Default(value=0.95),
    "sampling.min_p": Default(value=0.05),
    "sampling.repetition_penalty": Default(value=1.0),
    "host": Default(value="127.0.0.1"),
}
"""llama.cpp's llama-server (tools/server/README.md)."""

OLLAMA: Final[Mapping[str, Default]] = {
    "context": Default(value=None, note="4,096, 32,768 or 262,144 by the memory of the GPU"),
    "sequences": Default(value=1),
    "kv_cache_dtype": Default(value="f16"),
    "host": Default(value="127.0.0.1"),
    "port": Default(value=11434),
}
"""Ollama (envconfig/config.go, 2026)."""

TRAINER: Final[Mapping[str, Default]] = {
    "training.per_device_batch_size": Default(value=8),
    "training.gradient_accumulation_steps": Default(value=1),
    "training.learning_rate": Default(value=5e-5),
    "training.scheduler": Default(value="linear"),
    "training.warmup_steps": Default(value=0),
    "training.epochs": Default(value=3.0),
    "training.max_steps": Default(value=-1),
    "training.optimizer": Default(
        value="adamw_torch_fused", before="adamw_torch", note="adamw_torch in 4.46"
    ),
    "training.weight_decay": Default(value=0.0),
    "training.max_grad_norm": Default(value=1.0),
    "training.evaluation_strategy": Default(value="no"),
    "training.save_strategy": Default(value="steps"),
    "training.load_best_model": Default(value=False),
    "training.remove_unused_columns": Default(value=True),
    "training.workers": Default(value=0),
}
"""TrainingArguments of transformers 5.23."""

TRL_SFT: Final[Mapping[str, Default]] = {
    **TRAINER,
    "training.learning_rate": Default(value=2e-5),
    "training.gradient_checkpointing": Default(value=True),
    "training.max_length": Default(value=1024),
    "training.packing": Default(value=False),
    "training.padding_free": Default(value=False),
    "training.bf16": Default(value=None, note="on, unless fp16 is asked for"),
    "dtype": Default(value="float32"),
    "training.lora.rank": Default(value=16),
    "training.lora.alpha": Default(value=32),
    "training.lora.dropout": Default(value=0.05),
}
"""SFTConfig and ModelConfig of TRL 1.16."""

DEFAULTS: Final[Mapping[str, Mapping[str, Default]]] = {
    "vllm": VLLM,
    "sglang": SGLANG,
    "llama.cpp": LLAMA_CPP,
    "ollama": OLLAMA,
    "transformers": TRAINER,
    "trl": TRL_SFT,
}
"""Defaults by engine; the keys of each are paths into an intent."""


def default_of(engine: str | None, field: str) -> Default | None:
    """Return the default of an intent's field (`parallel.tensor`), None where none is known."""
    return DEFAULTS.get(engine or "", {}).get(field)
