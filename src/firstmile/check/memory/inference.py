"""The memory of a run that serves or generates."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import engine_version
from firstmile.check.intent import Intent
from firstmile.check.memory import kv_cache
from firstmile.check.memory.amount import NONE, Amount, around, between, exactly
from firstmile.check.memory.copies import copies_of
from firstmile.check.memory.kept_by_engines import layers_of
from firstmile.check.memory.llama_cpp_cache import Cells, cells_of
from firstmile.check.memory.loading_peak import loading_peak
from firstmile.check.memory.machine import Devices, devices_of, host_limit, there_of
from firstmile.check.memory.processes import (
    CONTEXT_OF_CUDA,
    GRAPHS_OF_SERVERS,
    NCCL_OF_A_RANK,
    PYTHON,
)
from firstmile.check.memory.settings import (
    FILLING,
    POOLED,
    TGI,
    Settings,
    cuts_the_context,
    older_transformers,
    positions_of,
    resolve,
    rounded,
    swaps,
)
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    CACHE,
    CONTEXT,
    GRAPHS,
    LOADING,
    LOGITS,
    NCCL,
    OFFLOADED,
    PROCESS,
    SWAP,
    WEIGHTS,
    Part,
    Place,
    Sizing,
)
from firstmile.check.memory.spread import on_fullest
from firstmile.check.memory.subject import Subject
from firstmile.check.memory.weights import Weights
from firstmile.facts.environment import Environment
from firstmile.facts.sizes import GIB

FREE: Final = "kept free by the engine"
_MORE: Final = 1.02
"""The upper bound of keys and values over what their sizes come to."""
_OFFLOADING: Final = ("vllm", "sglang")
"""Engines whose --cpu-offload-gb counts GiB of weights for each device."""


def size_inference(
    subject: Subject, intent: Intent, environment: Environment | None
) -> Sizing | str:
    """Return the memory of a run that serves or generates, or what is missing to know it."""
    devices = devices_of(intent, environment)
    settings = resolve(intent, subject.sizes, environment, devices.total)
    layers = layers_of(subject, intent, settings)
    if layers is None:
        return "the number of key and value heads, which the config does not state"
    on_gpu = devices.used and intent.gpu_layers != 0 and intent.device_map != "cpu"
    run = _Run(subject, intent, settings, layers, environment, devices, on_gpu)
    return run.sizing()


class _Run:
    """One run, whose parts depend on each other."""

    def __init__(
        self,
        subject: Subject,
        intent: Intent,
        settings: Settings,
        layers: kv_cache.Layers,
        environment: Environment | None,
        devices: Devices,
        on_gpu: bool,
    ) -> None:
        self.subject = subject
        self.intent = intent
        self.settings = settings
        self.layers = layers
        self.environment = environment
        self.devices = devices
        self.on_gpu = on_gpu
        self.context = settings.context or 0
        self.fills = settings.engine in FILLING
        self.cells = cells_of(intent)
        self.copies = copies_of(intent, settings)
        self.cache_on_gpu = on_gpu and (not self.fills or self.cells.offloaded)
        self.ahead = settings.prefill if settings.engine in POOLED else 0 if self.fills else 1
        self.gpu_share, self.automatic = self._gpu_share()

    def sizing(self) -> Sizing:
        """Put device and main memory together."""
        device = whole = self._device() if self.on_gpu else None
        longest = None if whole is None else self._longest(whole)
        is_cut = cuts_the_context(self.intent) and 0 < (longest or 0) < self.context
        if is_cut and longest is not None:
            self.context = longest
            device = whole = self._device()
        if whole is not None and self.automatic:
            device = self._fitted(whole)
        left = self._left_on_host(device)
        host = self._host(left)
        place = device if device is not None and self.cache_on_gpu else host
        longest, room = self._longest(host) if place is host else longest, None
        if place.limit is not None:
            others, limit = place.without(CACHE), place.limit
            room = Amount(limit - others.high, limit - others.likely, limit - others.low)
        wanted = self._cache(self.settings.sequences if self.intent.sequences else 1)
        return Sizing(
            intent=self.intent,
            device=device,
            host=host,
            devices=self.settings.devices if self.on_gpu else 0,
            numbers=self.subject.weights.numbers,
            weights=self.subject.weights.total,
            context=self.context,
            asked=is_cut or self.settings.asked_context is not None,
            cache_a_token=self.layers.full + self.layers.sliding,
            there=there_of(self.intent, self.devices),
            positions=positions_of(self.intent, self.subject.sizes, self.subject.text),
            cache_room=room,
            longest=longest if device is whole else None,
            longest_whole=None if device is whole else longest,
            cache_of_all=wanted,
            scheme=self.subject.scheme.name if self.subject.scheme else None,
            layers=self.subject.sizes.layers,
            loading_peak=self._peak(),
            assumptions=self._assumptions(),
        )

    def _peak(self) -> float | None:
        """Return the bytes of a device before weights are rounded, if more than after."""
        whole = loading_peak(
            self.subject, self.intent, engine_version(self.environment, self.intent)
        )
        return None if whole is None else whole / max(self.settings.devices, 1)

    def _longest(self, place: Place) -> int | None:
        """Return the longest context that fits with its error bar.

        Under transformers whole prompts go through the model, so that activations grow with them.
        """
        if place.limit is None:
            return None
        room = place.limit - place.without(CACHE).high
        if self.settings.engine in POOLED | FILLING:
            caches = self.cells.caches if self.fills else 1
            layers, block = self._layers_here(), self.settings.block
            each = room / _MORE / caches
            return rounded(caches * kv_cache.longest(layers, each, block=block, ahead=self.ahead))
        growing = place.of(CACHE, ACTIVATIONS, LOGITS).high / max(self.context, 1)
        fixed = place.without(CACHE, ACTIVATIONS, LOGITS).high
        return rounded(max(int((place.limit - fixed) / max(growing, 1)), 0))

    def _gpu_share(self) -> tuple[float, bool]:
        """Return the share of layers on devices, and whether the engine finds it by itself."""
        layers = self.subject.sizes.layers or 1
        said = self.intent.gpu_layers
        if self.settings.engine in FILLING:
            if said is None:
                return 1.0, True
            return (1.0, False) if said < 0 else (min(said / layers, 1.0), False)
        mapped = self.intent.device_map not in (None, "cpu", "cuda", "cuda:0")
        return 1.0, self.settings.engine == "transformers" and mapped

    def _layers_here(self, cells: Cells | None = None) -> kv_cache.Layers:
        """Return what one sequence keeps on a device, or in main memory by all ranks together."""
        share = float(self.copies.ranks)
        if self.cache_on_gpu:
            share = self.gpu_share / self.settings.spread
        layers = (cells or self.cells).laid_out(self.layers) if self.fills else self.layers
        return kv_cache.Layers(
            full=layers.full * share,
            sliding=layers.sliding * share,
            window=layers.window,
            state=layers.state * share,
        )

    def _cache(self, sequences: int) -> Amount:
        tokens = self.context
        if self.fills:
            sequences = self.cells.caches
            tokens = ceil(tokens / sequences)
        block, ahead = self.settings.block, self.ahead
        size = kv_cache.size(self._layers_here(), tokens, sequences, block=block, ahead=ahead)
        if self.fills and self.cells.assumed and self.settings.asked_context is not None:
            alone = self._layers_here(self.cells.of_one())
            least = kv_cache.size(alone, tokens, block=block, ahead=ahead)
            return Amount(least, size, _MORE * size)
        if self.settings.asked_context is None and self.settings.engine not in POOLED:
            return around(size, 0.1, 2.0)
        return around(size, 1.0, _MORE)

    def _device(self) -> Place:
        settings = self.settings
        filling = settings.engine in FILLING
        weights = on_fullest(self._offloaded(), settings, self.intent.parallel.data or 1)
        if filling:
            weights = weights.times(self.gpu_share)
        if self.intent.cpu_offload_bytes and settings.engine in _OFFLOADING:
            kept = max(weights.likely - self.intent.cpu_offload_bytes, 0.0)
            weights = around(kept, 0.98, 1.05)
        sequences = 1 if settings.engine in POOLED or filling else settings.sequences
        parts = [
            Part(name=WEIGHTS, amount=weights, source="tensor bytes"),
            Part(name=ACTIVATIONS, amount=self._activations(), source="profile run of the engine"),
            Part(name=LOGITS, amount=self._logits()),
            Part(name=CONTEXT, amount=CONTEXT_OF_CUDA),
        ]
        if self.cache_on_gpu:
            cache = Part(name=CACHE, amount=self._cache(sequences), source="arXiv 2305.13245")
            parts.insert(1, cache)
        if settings.graphs:
            parts.append(Part(name=GRAPHS, amount=GRAPHS_OF_SERVERS))
        if settings.tensor * settings.pipeline > 1:
            parts.append(Part(name=NCCL, amount=NCCL_OF_A_RANK))
        limit = self.devices.free
        if settings.engine == "vllm" and self.devices.total is not None:
            limit = (settings.share or 1.0) * self.devices.total
        if settings.engine == TGI and limit is not None and self.devices.total is not None:
            limit = max(limit - (1 - (settings.share or 1.0)) * self.devices.total, 0.0)
        if settings.engine == "sglang" and self.devices.total is not None and settings.share:
            parts.append(self._kept_free(parts, settings.share))
        return Place(
            name="the fullest device" if settings.devices > 1 else "the device",
            parts=tuple(parts),
            limit=limit,
            total=self.devices.total,
            is_gpu=True,
        )

    def _offloaded(self) -> Weights:
        """Return the weights that may go to devices.

        llama.cpp keeps the embedding in main memory, and a copy of it on the device where it is
        the head as well (`llama_model_base::load_tensors`).
        """
        weights = self.subject.weights
        is_head = weights.head.likely < weights.embedding.likely / 2
        return weights if not self.fills or is_head else replace(weights, embedding=NONE)

    def _kept_free(self, parts: Sequence[Part], share: float) -> Part:
        """Return what SGLang leaves for a step beyond what the step takes."""
        step = Place(name="", parts=tuple(parts), limit=None)
        taken = step.of(ACTIVATIONS, LOGITS, GRAPHS, CONTEXT, NCCL)
        free = (1 - share) * (self.devices.total or 0)
        gap = Amount(
            max(free - taken.low, 0), max(free - taken.likely, 0), max(free - taken.high, 0)
        )
        return Part(name=FREE, amount=gap, source="ServerArgs in sglang/srt/server_args.py")

    def _fitted(self, place: Place) -> Place:
        """Return a device on which an engine that spreads by itself left what does not fit."""
        if place.limit is None or place.needed.likely <= place.limit:
            return place
        moving = place.of(WEIGHTS, CACHE).likely
        share = max(place.limit - place.without(WEIGHTS, CACHE).likely, 0) / max(moving, 1)
        self.gpu_share = min(self.gpu_share, share)
        shrunk = tuple(
            Part(name=one.name, amount=exactly(one.amount.likely * share), source=one.source)
            if one.name in (WEIGHTS, CACHE)
            else Part(name=one.name, amount=exactly(one.amount.likely), source=one.source)
            for one in place.parts
        )
        return Place(
            name=place.name, parts=shrunk, limit=place.limit, total=place.total, is_gpu=True
        )

    def _activations(self) -> Amount:
        """Return what is alive at the widest point of one layer, for the tokens of one step.

        Input, residual, queries, keys and values, then gate, up and their product; engines
        measure the same by a run on dummy tokens (Worker.determine_available_memory in vLLM).
        """
        sizes, settings = self.subject.sizes, self.settings
        hidden = sizes.hidden or 0
        experts = sizes.experts
        within = (sizes.feed_forward or 4 * hidden) / settings.tensor
        if experts is not None:
            chosen = (experts.chosen or 1) * ((experts.width or 0) / settings.tensor * 3 + hidden)
            within = max(within if experts.dense_layers else 0, chosen / 3)
        attention = 2 * (sizes.heads or 0) * (sizes.head_width or 0) / settings.tensor
        width = 4.0 if settings.engine in FILLING else max(settings.weight_bytes, 2.0)
        tokens = settings.prefill
        each = tokens * (4 * hidden + max(3 * within, attention)) * width
        high = 2.2 * each
        if settings.engine in FILLING:
            scores = tokens * min(self.context, 32768) * (sizes.heads or 0) * 4.0
            high += min(scores, 2 * GIB)
        return Amount(0.4 * each, each, high + 64 * 1024**2)

    def _logits(self) -> Amount:
        """Return logits in float32, with the copies that sampling sorts."""
        settings = self.settings
        vocabulary = self.subject.sizes.vocabulary or 0
        if settings.engine in FILLING:
            return around(settings.prefill * vocabulary * 4.0, 0.1, 1.2)
        each = settings.answered * vocabulary * 4.0
        if settings.engine in POOLED:
            return Amount(each / settings.tensor, 2 * each, 4 * each)
        older = older_transformers(self.environment)
        every = self.context * settings.sequences * vocabulary * (settings.weight_bytes + 4)
        return Amount(each, 2 * each, max(3 * each, every if older else 0))

    def _left_on_host(self, device: Place | None) -> Amount:
        """Return the weights and caches that stay in main memory."""
        weights = self.subject.weights
        if device is None:
            return weights.total
        if self.intent.cpu_offload_bytes and self.settings.engine in _OFFLOADING:
            size = min(float(self.intent.cpu_offload_bytes), weights.total.likely)
            return exactly(size * self.settings.devices)
        if self.settings.engine in FILLING:
            layers = weights.total.likely - weights.embedding.likely - weights.head.likely
            return exactly(weights.embedding.likely + layers * (1 - self.gpu_share))
        return exactly(weights.total.likely * (1 - self.gpu_share)) if self.automatic else NONE

    def _cache_left_on_host(self) -> Amount:
        """Return the cache of the layers that llama.cpp computes in main memory beside a GPU."""
        if not self.fills:
            return NONE
        if not self.cache_on_gpu:
            return self._cache(1)
        if self.gpu_share <= 0:
            return NONE
        left = (1 - self.gpu_share) / self.gpu_share * self.settings.spread
        return self._cache(1).times(left)

    def _host(self, left: Amount) -> Place:
        settings = self.settings
        parts: list[Part] = []
        if self.on_gpu:
            each = between(0.1, 0.3, 0.8) if settings.engine in FILLING else between(0.6, 1.4, 3.0)
            parts.append(Part(name=PROCESS, amount=each.times(self.copies.processes)))
            if left.likely:
                parts.append(Part(name=OFFLOADED, amount=left))
            cache = self._cache_left_on_host()
            if cache.likely:
                parts.append(Part(name=CACHE, amount=cache))
            parts += self._loading()
            if self.intent.swap_bytes and swaps(self.intent, self.environment):
                swap = exactly(self.intent.swap_bytes * settings.tensor)
                parts.append(Part(name=SWAP, amount=swap))
        else:
            base = between(0.05, 0.1, 0.4) if settings.engine in FILLING else PYTHON
            sequences = 1 if settings.engine in POOLED | FILLING else settings.sequences
            copies, step, logits = self.copies, self._activations(), self._logits()
            parts = [
                Part(name=WEIGHTS, amount=left.times(copies.models), source="tensor bytes"),
                Part(name=CACHE, amount=self._cache(sequences), source="arXiv 2305.13245"),
                Part(name=ACTIVATIONS, amount=step.times(copies.ranks)),
                Part(name=LOGITS, amount=logits.times(copies.ranks)),
                Part(name=PROCESS, amount=base.times(copies.processes)),
            ]
        limit, total_bytes = host_limit(self.environment)
        return Place(name="main memory", parts=tuple(parts), limit=limit, total=total_bytes)

    def _loading(self) -> list[Part]:
        """Return what loading holds besides: whole pickles, or a model that is moved later.

        Pickled files are read whole by each rank; transformers builds a model in main memory
        unless a device map is given.
        """
        if self.subject.pickled:
            size = float(self.subject.largest_file) * max(self.settings.tensor, 1)
            return [Part(name=LOADING, amount=around(size, 0.9, 1.2))]
        if self.settings.engine == "transformers" and self.intent.device_map is None:
            size = self.subject.weights.total.likely * self.copies.models
            return [Part(name=LOADING, amount=around(size, 0.1, 1.1))]
        return []

    def _assumptions(self) -> tuple[str, ...]:
        said = []
        default = self.intent.gpu_memory_share is None
        if self.on_gpu and self.settings.share is not None and default:
            said.append(
                f"a share of {self.settings.share:.2f} of each device, the engine's default"
            )
        if not self.subject.weights.measured:
            said.append("weights drawn from the config, since the files hold others, or not all")
        return tuple(said)
