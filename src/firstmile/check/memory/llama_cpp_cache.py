"""What llama.cpp lays out for keys, values and states when it starts, layer by layer.

Sources, all in llama.cpp's src: sizes of a layer and of a state in llama-hparams.cpp, cells of a
cache in llama-kv-cache.cpp, of windows in llama-kv-cache-iswa.cpp, which layers see a window or
keep a state in models/. How many conversations share the cells: tools/server/server.cpp. Held
against llama.cpp itself in docs/memory.md.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.check.intent import Action, Intent
from firstmile.check.memory.amount import bytes_of
from firstmile.check.memory.kv_cache import Layers
from firstmile.check.model_sizes import denied, written
from firstmile.facts.model_folder.architecture import Architecture

BLOCK: Final = 256
"""Cells are laid out in multiples of it."""
SLOTS: Final = 4
"""Of `llama-server` where none are named; they then share one cache."""
_UBATCH: Final = 512
_DENIALS: Final = frozenset(("-nkvo",))
"""Flags that turn a switch off without saying "no-"."""
_STATE_BYTES: Final = 4
_MOST: Final = 1 << 40

_EVERY: Final = {
    "afmoe": 4,
    "cohere2": 4,
    "cohere2moe": 4,
    "exaone-moe": 4,
    "exaone4": 4,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "laguna": 4,
    "llama4": 4,
    "mellum": 4,
    "muse-glimmer": 4,
    "olmo2": 4,
    "plamo3": 8,
    "smallthinker": 4,
}
"""Every how many layers one sees everything, where the file has no pattern."""
_FULL_FIRST: Final = frozenset(("cohere2moe", "laguna", "smallthinker"))
_FIXED: Final = {"llama4": 8192, "smallthinker": 4096}
"""Windows that no setting changes, but one of 0, which means none."""
_ASSUMED: Final = {"exaone-moe": 128, "exaone4": 4096, "gemma2": 4096, "llama4": 8192}
"""Windows where the file states none."""
_WITHOUT: Final = frozenset(("phi3", "phimoe"))
"""Their windows are switched off (models/phi3.cpp)."""
_STATES_ALONE: Final = frozenset(("mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"))
_STATES_BESIDE: Final = frozenset(("falcon-h1",))
_INTERVALS: Final = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4}
_STATES_WITHOUT_HEADS: Final = frozenset(
    (
        *("bailingmoe3", "granitehybrid", "jamba", "kimi-linear", "lfm2", "lfm2moe"),
        *("nemotron_h", "nemotron_h_moe", "plamo2"),
    )
)


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """How a command has the cells laid out.

    `slots` conversations are held at once: all in one cache, or each in its `own`. `assumed` says
    that the command names no number of them. Cells that are `offloaded` lie where their layer does.
    """

    slots: int
    own: bool
    assumed: bool
    ubatch: int
    whole_windows: bool
    offloaded: bool = True

    @property
    def caches(self) -> int:
        """Caches of the same size."""
        return self.slots if self.own else 1

    def laid_out(self, layers: Layers) -> Layers:
        """Return what one cache holds; its window counts cells.

        A window keeps its tokens of every conversation, and those of one step beside them.
        """
        together = 1 if self.own else self.slots
        seen = layers.window * together + self.ubatch
        window = ceil(seen / BLOCK) * BLOCK if layers.window and not self.whole_windows else 0
        return Layers(
            full=layers.full + (0 if window else layers.sliding),
            sliding=layers.sliding if window else 0,
            window=window,
            state=layers.state * together,
        )

    def of_one(self) -> "Cells":
        """Return the same for one conversation, with which older releases start."""
        return replace(self, slots=1, own=False)


def cells_of(intent: Intent) -> Cells:
    """Return how a command of llama.cpp, or Ollama, has cells laid out."""
    served = intent.engine == "llama.cpp" and intent.action is Action.SERVE
    named = intent.sequences if intent.engine == "llama.cpp" else 1
    slots = named or (SLOTS if served else 1)
    return Cells(
        slots=max(slots, 1),
        own=named is not None and not _is_on(intent, "kv_unified", False),
        assumed=served and named is None,
        ubatch=min(intent.batched_tokens or _UBATCH, intent.batch_size or 2048),
        whole_windows=_is_on(intent, "swa_full", False),
        offloaded=_is_on(intent, "kv_offload", True),
    )


def _is_on(intent: Intent, name: str, otherwise: bool) -> bool:
    """Say whether a switch is on, by its flag or else by its variable."""
    if written(intent, name) is not None:
        shortly = any(each.written in _DENIALS for each in intent.arguments if each.name == name)
        return not shortly and not denied(intent, name)
    variable = f"LLAMA_ARG_{name.upper()}"
    said = intent.variables.get(variable)
    if intent.variables.get(variable.replace("ARG_", "ARG_NO_", 1)) is not None:
        return False
    return otherwise if said is None else said.lower() not in ("0", "false", "off", "disabled")


def bytes_of_keys_and_values(intent: Intent, each: float) -> tuple[float, float]:
    """Return the bytes of a number of keys and of values, `each` where both are alike.

    A type that is named for one of the two leaves the other in f16 (common/arg.cpp).
    """
    keys, values = (
        bytes_of(written(intent, name) or intent.variables.get(f"LLAMA_ARG_{name.upper()}"))
        for name in ("cache_type_k", "cache_type_v")
    )
    if keys is None and values is None:
        return each, each
    return keys or 2.0, values or 2.0


def kept(
    sizes: Architecture, metadata: Mapping[str, Any], key_bytes: float, value_bytes: float
) -> Layers | None:
    """Return what a GGUF file's layers keep of one conversation.

    None where sizes are missing, or below nothing.
    """
    file = _File(sizes, metadata)
    stateful = file.stateful()
    if not file.count or (not file.heads and len(stateful) < file.count):
        return None
    window, windowed = file.windows(stateful)
    full = sliding = 0.0
    for layer in range(file.count):
        if layer in stateful and file.kind not in _STATES_BESIDE:
            continue
        narrow = layer in windowed
        each = file.a_token(layer, narrow, key_bytes, value_bytes)
        sliding += each if narrow else 0.0
        full += 0.0 if narrow else each
    state = float(len(stateful) * file.numbers_of_a_state() * _STATE_BYTES)
    if min(full, sliding, state) < 0:
        return None
    return Layers(full=full, sliding=sliding, window=window, state=state)


def layers_that_run(sizes: Architecture, metadata: Mapping[str, Any]) -> int:
    """Return the layers less those that predict further tokens, which no plain run loads."""
    further = _whole(metadata, f"{sizes.model_type}.nextn_predict_layers") or 0
    layers = sizes.layers or 0
    return layers - further if further < layers else layers


class _File:
    """The settings of one file's architecture."""

    def __init__(self, sizes: Architecture, metadata: Mapping[str, Any]) -> None:
        self.sizes, self.metadata = sizes, metadata
        self.kind = sizes.model_type or ""
        self.count = layers_that_run(sizes, metadata)
        self.heads = sizes.heads or 0

    def of(self, name: str) -> int | None:
        """Return a whole number among the settings."""
        return _whole(self.metadata, f"{self.kind}.{name}")

    def listed(self, name: str) -> list[Any] | None:
        """Return a setting of each layer, None where it is no list: a tuple as read."""
        found = self.metadata.get(f"{self.kind}.{name}")
        return list(found)[: self.count] if isinstance(found, list | tuple) else None

    def heads_of(self, layer: int) -> int:
        """Return the key and value heads of a layer."""
        listed = self.listed("attention.head_count_kv")
        if listed is not None:
            found = listed[layer] if layer < len(listed) else 0
            return found if isinstance(found, int) and 0 <= found < _MOST else 0
        said = self.of("attention.head_count_kv")
        return self.heads if said is None else said

    def a_token(self, layer: int, narrow: bool, key_bytes: float, value_bytes: float) -> float:
        """Return the bytes of a token in a layer; latents are kept as keys alone."""
        shared = self.of("attention.shared_kv_layers") or 0
        if layer >= (self.sizes.layers or 0) - shared:
            return 0.0
        plain = (self.sizes.hidden or 0) // max(self.heads, 1)
        key = self.of("attention.key_length") or plain
        value = self.of("attention.value_length") or plain
        if narrow:
            key = self.of("attention.key_length_swa") or key
            value = self.of("attention.value_length_swa") or value
        if self.of("attention.key_length_mla") and self.of("attention.value_length_mla"):
            value = 0
        return self.heads_of(layer) * (key * key_bytes + value * value_bytes)

    def windows(self, stateful: frozenset[int]) -> tuple[int, frozenset[int]]:
        """Return the window, and the layers that see no further."""
        said = self.of("attention.sliding_window")
        window = _ASSUMED.get(self.kind) if said is None else said
        if window:
            window = _FIXED.get(self.kind, window)
        if not window or self.kind in _WITHOUT or self._sees_everything():
            return 0, frozenset()
        if self.kind in ("lfm2", "lfm2moe"):
            return window, frozenset(range(self.count)) - stateful
        listed = self.listed("attention.sliding_window_pattern")
        if listed is not None:
            return window, frozenset(n for n, each in enumerate(listed) if each)
        every = self.of("attention.sliding_window_pattern") or _EVERY.get(self.kind)
        if every is None:
            return 0, frozenset()
        full = 0 if self.kind in _FULL_FIRST else every - 1
        return window, frozenset(n for n in range(self.count) if n % every != full)

    def _sees_everything(self) -> bool:
        return self.kind == "exaone4" and self.count != 64

    def stateful(self) -> frozenset[int]:
        """Return the layers that keep a state: instead of keys and values in most files."""
        every = range(self.count)
        if self.kind in _STATES_ALONE | _STATES_BESIDE:
            return frozenset(every)
        listed = self.listed("attention.recurrent_layers")
        if listed is not None:
            return frozenset(n for n, each in enumerate(listed) if each)
        if self.kind in _INTERVALS:
            interval = self.of("full_attention_interval") or _INTERVALS[self.kind]
            return frozenset(n for n in every if (n + 1) % interval)
        if self.kind not in _STATES_WITHOUT_HEADS:
            return frozenset()
        inner = self.listed("feed_forward_length") or []
        plain = self.kind in ("nemotron_h", "nemotron_h_moe")
        forward = {n for n, each in enumerate(inner) if each} if plain else set()
        return frozenset(n for n in every if not self.heads_of(n) and n not in forward)

    def numbers_of_a_state(self) -> int:
        """Return the numbers of one layer's state and of the short past that it convolves."""
        hidden = self.sizes.hidden or 0
        kernel = self.of("ssm.conv_kernel")
        past = kernel - 1 if kernel else 0
        if wkv := self.of("wkv.head_size"):
            shifts = self.of("token_shift_count")
            return hidden * (wkv + (2 if shifts is None else shifts))
        if short := self.of("shortconv.l_cache"):
            return hidden * (short - 1)
        if width := self.of("kda.head_dim"):
            return self.heads * width * (3 * (past or 3) + width)
        state, inner = self.of("ssm.state_size") or 0, self.of("ssm.inner_size") or 0
        groups = self.of("ssm.group_count") or 0
        return past * (inner + 2 * groups * state) + state * inner


def _whole(metadata: Mapping[str, Any], name: str) -> int | None:
    found = metadata.get(name)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 <= found < _MOST else None
