"""What an engine will do where the command does not say: its own defaults, with their sources."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

import msgspec

from firstmile.check.installed import engine_version
from firstmile.check.intent import Intent
from firstmile.check.memory.amount import bytes_of
from firstmile.check.model_sizes import written
from firstmile.check.ranks import visible_gpus
from firstmile.check.releases import older, release_of
from firstmile.check.rope import stretched
from firstmile.facts.environment import Environment, Gpu
from firstmile.facts.model_folder.architecture import Architecture
from firstmile.facts.sizes import GIB, MIB
from firstmile.facts.snapshot import Snapshot

TGI: Final = "text-generation-inference"
POOLED: Final = frozenset(("vllm", "sglang", TGI))
"""Engines that set memory aside for keys and values when they start."""
FILLING: Final = frozenset(("llama.cpp", "ollama"))
"""Engines that lay out the whole context when they start."""
VLLM_SHARE: Final = 0.92
"""`gpu_memory_utilization` where nothing is said (vllm/config/cache.py)."""
OLDER_SHARE: Final = 0.9
"""The same before 0.19."""
TGI_SHARE: Final = 0.9
"""What text-generation-inference leaves of its share (TGI_WIGGLE_ROOM in models/globals.py)."""
_TGI_PREFILL: Final = 4096
"""`--max-batch-prefill-tokens` where nothing is said (launcher/src/main.rs)."""
_LARGE: Final = 70 * GIB
_ROUND: Final = 256
"""Tokens of which a context that is told is a multiple, so that all tell the same one."""
_NO_LONGER_SWAPS: Final = "0.11"
"""The first release of vLLM without its first engine, the one that swapped."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A run as its engine will take it. Sizes are bytes, `share` is of a device's memory.

    `asked_context` is None where the context is not the command's own. `prefill` are tokens that
    go through the model in one step, `answered` sequences whose logits are held at once. Attention
    is cut over `attention` of the `tensor` ranks.
    """

    engine: str
    context: int | None
    asked_context: int | None
    sequences: int
    prefill: int
    answered: int
    share: float | None
    weight_bytes: float
    cache_bytes: float
    tensor: int
    attention: int
    pipeline: int
    spread: int
    expert: bool
    block: int
    latent: bool
    copied: bool
    graphs: bool

    @property
    def devices(self) -> int:
        """Devices that one copy of the model is spread over."""
        return max(self.tensor * self.pipeline, self.spread)


def resolve(
    intent: Intent, sizes: Architecture, environment: Environment | None, device_bytes: float | None
) -> Settings:
    """Return the settings of a run that serves or generates."""
    engine = intent.engine or "transformers"
    tensor = max(intent.parallel.tensor or 1, 1)
    pipeline = max(intent.parallel.pipeline or 1, 1)
    weight_bytes = loaded_bytes(intent, sizes, environment)
    if engine == TGI and intent.parallel.tensor is None and intent.devices:
        tensor = len(intent.devices)
    context = intent.context
    if context is None and engine in ("vllm", "sglang"):
        context = stretched(sizes, intent.rope_scaling)
    if context is not None and engine == "ollama":
        # It cuts what is asked for (llm/server.go).
        context = min(context, sizes.positions or context)
    if context is None and engine == "llama.cpp":
        context = sizes.positions
    if context is None:
        context = min(sizes.positions or 4096, 4096)
    large = device_bytes is not None and device_bytes >= _LARGE
    sequences = intent.sequences or intent.batch_size or 1
    return Settings(
        engine=engine,
        context=context,
        asked_context=intent.context or None,
        sequences=max(sequences, 1),
        prefill=_prefill(intent, engine, context, sequences, environment, device_bytes),
        answered=_answered(intent, engine, large and not _is_a100(environment)),
        share=_share(intent, engine, environment, device_bytes, tensor * pipeline),
        weight_bytes=weight_bytes,
        cache_bytes=_cache_bytes(intent, engine, weight_bytes),
        tensor=tensor,
        attention=_ranks_of_attention(intent, tensor),
        pipeline=pipeline,
        spread=_spread(intent, engine, environment),
        expert=intent.parallel.expert is True,
        block=intent.block_size or {"vllm": 16, "llama.cpp": 256, "ollama": 256}.get(engine, 1),
        latent=engine != "transformers" or not older_transformers(environment),
        copied=engine == "transformers",
        graphs=engine in POOLED and intent.cuda_graphs is not False,
    )


def _ranks_of_attention(intent: Intent, tensor: int) -> int:
    """Return over how many ranks attention is cut: SGLang may copy it, and give each its requests.

    Source: `--enable-dp-attention` in srt/server_args.py.
    """
    data = intent.parallel.data or 1
    if intent.engine != "sglang" or written(intent, "enable_dp_attention") is None:
        return tensor
    return max(tensor // max(data, 1), 1)


def positions_of(intent: Intent, sizes: Architecture, text: Mapping[str, Any]) -> int | None:
    """Return how many positions a model reads; None where that is not known.

    Cohere's configs state more under a name of their own. What llama.cpp is asked for may be
    parted among several conversations, so that no number of it is that of one.
    """
    if "max_position_embeddings" in intent.overrides or (
        intent.engine in FILLING and intent.context
    ):
        return None
    most = stretched(sizes, intent.rope_scaling)
    further = text.get("model_max_length")
    return max(most, further) if most and isinstance(further, int) else most


def cuts_the_context(intent: Intent) -> bool:
    """Say whether the server is told to take as long a context as there is memory for.

    `--max-model-len auto`, or -1 (`_auto_fit_max_model_len` in vllm/v1/core/kv_cache_utils.py).
    """
    return intent.engine == "vllm" and written(intent, "max_model_len") in ("auto", "Auto", "-1")


def loaded_bytes(intent: Intent, sizes: Architecture, environment: Environment | None) -> float:
    """Return the bytes of a number as it is loaded.

    Servers take the config's type, and half of it for float32 (vllm/config/model.py). Up to
    version 4 transformers loads float32 unless told otherwise, from 5 on the config's type;
    TRL loads float32 (SFTTrainer).
    """
    asked = bytes_of(intent.dtype)
    if asked is not None:
        return asked
    stated = bytes_of(sizes.dtype) or 4.0
    if intent.engine in POOLED:
        return min(stated, 2.0)
    if intent.engine in FILLING:
        return 2.0
    if intent.engine == "trl" and intent.trains:
        return 4.0
    if intent.engine in ("llama-factory", "axolotl"):
        return 2.0
    if intent.dtype == "auto" or not older_transformers(environment):
        return stated
    return 4.0


def older_transformers(environment: Environment | None) -> bool:
    """Say whether transformers is known to be of version 4 or before."""
    version = package(environment, "transformers")
    return version is not None and version.partition(".")[0] in ("2", "3", "4")


def package(environment: Environment | None, name: str) -> str | None:
    """Return the version of a package that is installed, or None."""
    if environment is None or environment.python is None:
        return None
    return environment.python.version_of(name)


def _cache_bytes(intent: Intent, engine: str, weight_bytes: float) -> float:
    """Return the bytes of a number in the cache: the model's, unless told; f16 in llama.cpp."""
    asked = bytes_of(intent.kv_cache_dtype)
    if asked is not None:
        return asked
    if (intent.kv_cache_dtype or "").startswith("fp8"):
        return 1.0
    return 2.0 if engine in FILLING else min(weight_bytes, 4.0)


def _is_a100(environment: Environment | None) -> bool:
    return any("a100" in one.name.lower() for one in environment.gpus) if environment else False


def _prefill(
    intent: Intent,
    engine: str,
    context: int,
    sequences: int,
    environment: Environment | None,
    device_bytes: float | None,
) -> int:
    """Return how many tokens one step takes.

    vLLM: 8,192 on cards of 70 GiB and more that are no A100, else 2,048
    (EngineArgs.get_batch_defaults). SGLang: by the size of the card (server_args.py). llama.cpp:
    `--ubatch-size` of 512. transformers takes whole prompts.
    """
    if engine == "vllm":
        large = (device_bytes or 0) >= _LARGE and not _is_a100(environment)
        return intent.batched_tokens or (8192 if large else 2048)
    if engine == "sglang":
        return intent.batched_tokens or _sglang_chunk(device_bytes)
    if engine == TGI:
        return intent.batched_tokens or min(_TGI_PREFILL, context)
    if engine in FILLING:
        return min(intent.batched_tokens or 512, 2048)
    return context * max(sequences, 1)


def _answered(intent: Intent, engine: str, large: bool) -> int:
    if engine == "vllm":
        return intent.sequences or (1024 if large else 256)
    if engine == "sglang":
        return intent.sequences or 256
    return max(intent.sequences or intent.batch_size or 1, 1)


def _sglang_chunk(device_bytes: float | None) -> int:
    gib = (device_bytes or 0) / GIB
    return 2048 if gib < 35 else 4096 if gib < 60 else 8192 if gib < 160 else 16384


def vllm_share(intent: Intent, environment: Environment | None) -> float:
    """Return the share of a device that vLLM takes where nothing is said, by its release."""
    version = engine_version(environment, intent)
    release = release_of(version) if version is not None else None
    return OLDER_SHARE if release is not None and release < (0, 19) else VLLM_SHARE


def _share(
    intent: Intent,
    engine: str,
    environment: Environment | None,
    device_bytes: float | None,
    devices: int,
) -> float | None:
    """Return the share of a device that an engine takes; None where it takes what it needs.

    SGLang keeps free 512 MiB, 1.5 MiB a token of a prefill chunk, 2 MiB a sequence of its
    graphs, 1 GiB for eight devices, and at least 10 GiB on cards of 60 GiB and more
    (ServerArgs._handle_gpu_memory_settings).
    """
    said = intent.gpu_memory_share
    if engine == TGI:
        return TGI_SHARE * (said if said is not None and isfinite(said) else 1.0)
    if said is not None and isfinite(said) and engine in POOLED:
        return said
    if engine == "vllm":
        return vllm_share(intent, environment)
    if engine != "sglang" or not device_bytes:
        return None
    mib = device_bytes / MIB
    gib = mib / 1024
    chunk = intent.batched_tokens or _sglang_chunk(device_bytes)
    if gib < 20:
        graphs = 8
    elif gib < 35:
        graphs = 24 if devices < 4 else 80
    elif gib < 60:
        graphs = 32 if devices < 4 else 160
    else:
        graphs = 256 if devices < 4 else 512
    reserved = 512 + max(chunk, 2048) * 1.5 + graphs * 2 + devices / 8 * 1024
    if gib > 60:
        reserved = max(reserved, 10 * 1024)
    return max((mib - reserved) / mib, 0.1)


def swaps(intent: Intent, environment: Environment | None) -> bool:
    """Say whether the engine sets swap space aside; vLLM of today does not."""
    return older(engine_version(environment, intent), _NO_LONGER_SWAPS) is True


def visible(environment: Environment, intent: Intent) -> tuple[Gpu, ...]:
    """Return the accelerators that the command leaves visible."""
    return visible_gpus(Snapshot(environment=environment), intent) or ()


def _spread(intent: Intent, engine: str, environment: Environment | None) -> int:
    """Return over how many devices layers are spread without being told a number."""
    by_itself = engine in FILLING or (
        engine == "transformers" and intent.device_map not in (None, "cpu", "cuda", "cuda:0")
    )
    if not by_itself or environment is None:
        return 1
    return max(len(visible(environment, intent)), 1)


def zero(training: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the ZeRO part of a DeepSpeed JSON, empty where there is none."""
    part = training.get("zero_optimization") if training else None
    return part if isinstance(part, Mapping) else {}


def rounded(tokens: int) -> int:
    """Return a context as it is told: in steps, so that all tell the same one."""
    return tokens // _ROUND * _ROUND if tokens >= 2 * _ROUND else tokens
