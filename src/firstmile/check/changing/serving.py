"""What can be turned in a run that serves or generates."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.changing.flags import Edit
from firstmile.check.changing.knobs import Bench, Level, Turn, flag_of, nice_lengths, turned
from firstmile.check.changing.losses import Loss
from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
from firstmile.check.ranks import ranks_of, takes_other_machines
from firstmile.facts.sizes import GIB

LARGEST_SHARE: Final = 0.95
SHORTEST: Final = 2048
"""Tokens of context below which a change would no longer be what was meant."""


def serving_knobs(bench: Bench) -> Iterator[tuple[str, list[Level]]]:
    """Yield what can be turned in a run that serves or generates, by name."""
    yield "devices", _devices(bench)
    yield "copies", _copies(bench)
    yield "share", _share(bench)
    yield "batched", _batched(bench)
    yield "sequences", _sequences(bench)
    yield "eager", _eager(bench)
    yield "context", _context(bench)
    yield "cache", _cache(bench)
    yield "quantization", _quantization(bench)
    yield "offload", _offload(bench)
    yield "layers", _layers(bench)


def divides(bench: Bench, tensor: int) -> bool:
    """Say whether a model can be cut into so many ranks.

    Heads divide; kernels of GPTQ, AWQ and blocks of FP8 want multiples of 128 in a rank.
    """
    sizes = bench.subject.sizes
    heads, shared = sizes.heads or 1, sizes.kv_heads
    if heads % tensor or (shared and sizes.latent is None and shared % tensor and tensor % shared):
        return False
    scheme = bench.subject.scheme
    if tensor == 1 or scheme is None or scheme.at_load:
        return True
    if not scheme.name.startswith(("GPTQ", "AWQ", "FP8")):
        return True
    widths = [sizes.feed_forward] if sizes.experts is None else [sizes.experts.width]
    return all(not width or width % (tensor * 128) == 0 for width in widths)


def _devices(bench: Bench) -> list[Level]:
    """Return over how many devices it can be spread: more, or those nearest to a wrong size.

    A size is wrong that does not divide the model, or that no visible devices are there for.
    """
    flag, staged = flag_of(bench, "tensor"), flag_of(bench, "pipeline")
    if flag is None or bench.intent.parallel.data or takes_other_machines(bench.intent):
        return []
    settings, most = bench.settings, bench.devices.count
    now = settings.tensor * settings.pipeline
    wrong = not divides(bench, settings.tensor) or now > max(most, 1)
    tensors = [each for each in range(1, most + 1) if divides(bench, each)]
    widest = max((each for each in tensors if each <= 8), default=1)
    options = [(1, each) for each in tensors]
    if staged is not None:
        layers = bench.subject.sizes.layers or 1
        options += [(each, widest) for each in range(2, min(most // widest, layers) + 1)]
    if wrong:
        options.sort(key=lambda one: (abs(one[0] * one[1] - now), -one[0] * one[1]))
    else:
        options = [one for one in options if one[0] * one[1] > now]
    found = []
    for pipeline, tensor in options:
        count = tensor * pipeline
        edits = []
        if tensor != settings.tensor:
            edits.append(Edit(flag=flag, value=str(tensor)))
        if staged is not None and pipeline != settings.pipeline:
            edits.append(Edit(flag=staged, value=str(pipeline)))
        found.append(
            Level(
                turn=_spread_over(tensor, pipeline),
                edits=tuple(edits),
                loss=Loss.CORRECTION if wrong else Loss.IDLE_HARDWARE,
                words=f"spread it over {count} devices" if count > 1 else "run it on one device",
            )
        )
    return found


def _copies(bench: Bench) -> list[Level]:
    """Return as many copies of the model as devices are there for, where more are asked for."""
    flag, now = flag_of(bench, "data"), bench.intent.parallel.data or 1
    if flag is None or takes_other_machines(bench.intent):
        return []
    most = bench.devices.count * now // max(ranks_of(bench.intent), 1)
    if not 0 < most < now:
        return []
    return [
        Level(
            turn=lambda intent: replace(intent, parallel=replace(intent.parallel, data=most)),
            edits=(Edit(flag=flag, value=str(most)),),
            loss=Loss.CORRECTION,
            words=f"serve {most} copies of the model side by side"
            if most > 1
            else "serve one copy",
        )
    ]


def _spread_over(tensor: int, pipeline: int) -> Turn:
    def turn(intent: Intent) -> Intent:
        parallel: Parallel = replace(intent.parallel, tensor=tensor, pipeline=pipeline)
        return replace(intent, parallel=parallel)

    return turn


def _share(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "share")
    total, free, now = bench.devices.total, bench.devices.free, bench.settings.share
    if flag is None or not total or free is None or now is None:
        return []
    most = min(LARGEST_SHARE, int(free / total * 100 - 1) / 100)
    if bench.engine == "sglang":
        most = min(most, 0.9)
    steps = [each for each in (0.9, 0.92, LARGEST_SHARE) if now < each <= most]
    if now > most > 0.1:
        steps = [most]
    return [
        Level(
            turn=turned(gpu_memory_share=share),
            edits=(Edit(flag=flag, value=f"{share:.2f}"),),
            loss=Loss.CORRECTION if now > most else Loss.IDLE_HARDWARE,
            words=f"let it take {share:.0%} of the device's memory",
        )
        for share in steps
    ]


def _batched(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "batched")
    if flag is None:
        return []
    steps = [each for each in (4096, 2048, 1024, 512, 256) if each < bench.settings.prefill]
    if bench.engine != "llama.cpp":
        steps = [each for each in steps if each >= 1024]
    return [
        Level(
            turn=turned(batched_tokens=each),
            edits=(Edit(flag=flag, value=str(each)),),
            loss=Loss.SOME_SPEED,
            words=f"read prompts in pieces of {each:,} tokens",
        )
        for each in steps
    ]


def _sequences(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "sequences")
    if flag is None or bench.engine == "llama.cpp":
        return []
    steps = [each for each in (256, 128, 64, 32, 16) if each < bench.settings.answered]
    return [
        Level(
            turn=turned(sequences=each),
            edits=(Edit(flag=flag, value=str(each)),),
            loss=Loss.SOME_SPEED,
            words=f"answer {counted(each, 'sequence')} at once",
        )
        for each in steps
    ]


def _eager(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "eager")
    if flag is None or not bench.settings.graphs:
        return []
    return [
        Level(
            turn=turned(cuda_graphs=False),
            edits=(Edit(flag=flag, value=None),),
            loss=Loss.SOME_SPEED,
            words="capture no CUDA graphs",
        )
    ]


def _context(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "context")
    if flag is None:
        return []
    now = bench.settings.context or 0
    asked = bench.settings.asked_context is not None
    found = []
    most = bench.most_context
    if most is not None and asked and now > most:
        found.append(_to_context(flag, most, Loss.CORRECTION))
        now = most
    loss = Loss.CONTEXT if asked else Loss.CONTEXT_NOBODY_ASKED_FOR
    lengths = set(nice_lengths(now, SHORTEST))
    longest = bench.sizing.longest or bench.sizing.longest_whole or 0
    if SHORTEST <= longest < now:
        lengths.add(longest)
    return found + [_to_context(flag, each, loss) for each in sorted(lengths, reverse=True)]


def _to_context(flag: str, tokens: int, loss: Loss) -> Level:
    fewer = loss is Loss.CONTEXT_NOBODY_ASKED_FOR
    return Level(
        turn=turned(context=tokens),
        edits=(Edit(flag=flag, value=str(tokens)),),
        loss=loss,
        words=f"take a context of {tokens:,} tokens"
        + (", or of as many as prompts and answers need" if fewer else ""),
    )


def _cache(bench: Bench) -> list[Level]:
    """Return rounding of the cache: FP8 from Ada and Hopper on, q8_0 in llama.cpp."""
    flag = flag_of(bench, "cache")
    if flag is None or bench.settings.cache_bytes <= 1.1 or bench.subject.sizes.latent is not None:
        return []
    if bench.engine == "llama.cpp":
        values = flag_of(bench, "cache_values") or ""
        edits = [Edit(flag=flag, value="q8_0"), Edit(flag=values, value="q8_0")]
        name = "q8_0"
    elif bench.capability is not None and bench.capability >= 8.9:
        name = "fp8" if bench.engine == "vllm" else "fp8_e4m3"
        edits = [Edit(flag=flag, value=name)]
    else:
        return []
    return [
        Level(
            turn=turned(kv_cache_dtype=name),
            edits=tuple(edits),
            loss=Loss.PRECISION_OF_THE_CACHE,
            words="keep keys and values in 8 bits",
        )
    ]


def _quantization(bench: Bench) -> list[Level]:
    """Return quantization at load, where the files are not quantized.

    FP8 wants a compute capability of 8.0 (weights alone) or 8.9; bitsandbytes 7.5 and a model
    without experts.
    """
    flag = flag_of(bench, "quantization")
    if flag is None or bench.subject.scheme is not None or bench.subject.is_gguf:
        return []
    able = bench.capability or 0.0
    found = []
    if able >= (8.0 if bench.engine == "vllm" else 8.9):
        found.append(_quantized(flag, "fp8", Loss.PRECISION_OF_WEIGHTS, "weights in 8 bits"))
    if bench.engine == "vllm" and able >= 7.5 and bench.subject.sizes.experts is None:
        loss = Loss.MUCH_PRECISION_OF_WEIGHTS
        found.append(_quantized(flag, "bitsandbytes", loss, "weights in 4 bits"))
    return found


def _quantized(flag: str, name: str, loss: Loss, words: str) -> Level:
    return Level(
        turn=turned(quantization=name),
        edits=(Edit(flag=flag, value=name),),
        loss=loss,
        words=f"load the {words}",
    )


def _offload(bench: Bench) -> list[Level]:
    """Return weights in main memory, as many as are too much, in steps of whole GiB."""
    flag, device, host = flag_of(bench, "offload"), bench.sizing.device, bench.sizing.host
    if flag is None or device is None or device.limit is None or host.limit is None:
        return []
    room = host.limit - host.needed.high
    weights = bench.subject.weights.total.likely
    most = min(int(room / GIB / bench.settings.devices), int(weights / 2 / GIB))
    sizes = sorted({each for each in (2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192) if each <= most})
    return [
        Level(
            turn=turned(cpu_offload_bytes=each * GIB),
            edits=(Edit(flag=flag, value=str(each)),),
            loss=Loss.MUCH_SPEED,
            words=f"leave {each} GiB of weights a device in main memory",
        )
        for each in sizes
    ]


def _layers(bench: Bench) -> list[Level]:
    flag, said = flag_of(bench, "layers"), bench.intent.gpu_layers
    layers = bench.subject.sizes.layers
    if flag is None or said is None or said == 0 or not layers:
        return []
    now = layers + 1 if said < 0 else min(said, layers + 1)
    steps = sorted({now - max(layers * part // 12, 1) * 1 for part in range(1, 13)}, reverse=True)
    return [
        Level(
            turn=turned(gpu_layers=each),
            edits=(Edit(flag=flag, value=str(each)),),
            loss=Loss.MUCH_SPEED,
            words=f"keep {each} of {counted(layers, 'layer')} on the device",
        )
        for each in steps
        if 0 <= each < now
    ]
