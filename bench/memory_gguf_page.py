"""The part of docs/memory.md on GGUF files under llama-server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from bench import small_files
from bench.memory_gguf import RUNS, Held, Refusal, Row, rows

BAR: Final = 0.01
NOT_RUN: Final = "not run"
_Of = Callable[[Row], Held]


def summary(measured: Mapping[str, Any], configs: Mapping[str, Any]) -> list[str]:
    """Return the sentences that stand at the top of the page."""
    found = _rows(measured, configs)
    kinds = len({row.kind for row in found})
    models = len({row.model for row in found})
    steps = sum(row.within for row in found)
    return [
        f"- Caches of GGUF files of {models} models in {kinds} architectures of llama.cpp, under "
        f"{len(RUNS)} commands of llama-server, against what llama.cpp lays out: "
        f"{_share(found, _cache, 'ours')}; gguf-parser {_share(found, _cache, 'peer')}.",
        f"- Their weights on a device that holds every layer: {_share(found, _weights, 'ours')}; "
        f"gguf-parser {_share(found, _weights, 'peer')}.",
        "- All that llama.cpp lays out for them without a GPU, buffers of a step included: "
        f"{_share(found, _total, 'ours', 0.1)}; gguf-parser {_share(found, _total, 'peer', 0.1)}. "
        f"The buffers of a step lie within our bounds in {steps} of {len(found)}.",
    ]


def section(measured: Mapping[str, Any], configs: Mapping[str, Any]) -> list[str]:
    """Return the part of the page on GGUF files."""
    every = list(rows(measured, configs))
    found = [row for row in every if isinstance(row, Row)]
    refused = [row for row in every if isinstance(row, Refusal)]
    return [
        "## GGUF files under llama-server",
        "",
        f"Measured {measured['date']}. Headers of full size with a hole behind them, read as files "
        f"are. llama.cpp ({measured['library']}) loads each with `no_alloc`, as its "
        "`llama-fit-params` does: it lays everything out and reserves no byte. It refuses a file "
        "that lacks a tensor or has one of another shape, so the headers are those that it "
        "expects. gguf-parser is the program of "
        "[gguf-parser-go](https://github.com/gpustack/gguf-parser-go) in version "
        f"{measured.get('version', NOT_RUN)}: a binary of its releases, or `go build` in "
        "cmd/gguf-parser of its source. It is taken from PATH or from FIRSTMILE_GGUF_PARSER, and "
        "gets the flags of the command that it has.",
        "",
        "| command | matrices | models | told, within 1% | largest error "
        "| gguf-parser, within 1% | largest error |",
        "|---|---|---|---|---|---|---|",
        *_run_rows(found),
        "",
        *_reasons(refused),
        _small_sentence(measured["small"]),
        "",
        "What is told follows llama.cpp's source of that release and was corrected by this "
        "comparison: it shows that the rules were carried over right, not what a release with "
        "other rules lays out. Where llama-server is given no number of conversations, the lower "
        "bound is that of one, with which older releases start.",
        "",
        *(_differences() if measured["gguf-parser"] else []),
        f"Under `{RUNS[0].command}`, with matrices in {RUNS[0].dtype}. Weights are those on a "
        "device that holds every layer: all but the embedding, which stays in main memory, and a "
        "copy of it where it is the head as well. They are what llama.cpp says it loads, less the "
        "embedding. Totals are all that is laid out without a GPU: weights, cache and the buffers "
        "of a step.",
        "",
        "| model | architecture | weights, GB | told | gguf-parser | cache, MB | told "
        "| gguf-parser | total, GB | told | gguf-parser |",
        "|---" * 11 + "|",
        *_model_rows(row for row in found if row.run is RUNS[0]),
        "",
    ]


DIFFERENCES: Final = (
    "Conversations at once: llama-server takes four where none are named, and they share one "
    "cache (tools/server/server.cpp); gguf-parser takes one. It shows where there are windows, "
    "which hold the tokens of each conversation.",
    "Windows: llama.cpp adds the tokens of one step (`--ubatch-size`) to a window "
    "(llama-kv-cache-iswa.cpp), gguf-parser those of a batch (`--batch-size`), as llama.cpp once "
    "did.",
    "Layers with windows: in Gemma 3 the last of every six sees everything (`set_swa_pattern` in "
    "llama-hparams.cpp), for gguf-parser the first, which is one more where six does not divide "
    "the layers; gpt-oss has windows in every other layer, for gguf-parser in none.",
    "Latents: DeepSeek keeps one latent and one rotary key of a token in a layer, 576 numbers, as "
    "keys alone (`llama_kv_cache`); gguf-parser takes the key and the value of one head, 320.",
    "States: three of four layers of Qwen3-Next keep a state and no keys (models/qwen3next.cpp); "
    "gguf-parser takes every layer for one with keys.",
    "Layers that predict further tokens, of which GLM-4.5-Air has one, are neither loaded nor "
    "given a cache; gguf-parser counts them.",
    "A head that is the embedding is there once where there is no GPU; gguf-parser counts it "
    "twice, which is right on a GPU.",
)
"""Of gguf-parser 0.25.0, looked up in llama.cpp's source and seen in its own figures."""


def _differences() -> list[str]:
    told = [f"- {each}" for each in DIFFERENCES]
    return [
        "Where gguf-parser and llama.cpp differ, llama.cpp's own figure being right:",
        "",
        *told,
        "",
    ]


def _rows(measured: Mapping[str, Any], configs: Mapping[str, Any]) -> list[Row]:
    return [row for row in rows(measured, configs) if isinstance(row, Row)]


def _cache(row: Row) -> Held:
    return row.cache


def _weights(row: Row) -> Held:
    return row.weights


def _total(row: Row) -> Held:
    return row.total


def errors(found: Sequence[Row], of: _Of, whose: str) -> list[float]:
    """Return how far each is off, without its sign; empty where the peer did not run."""
    told = [of(row).off(whose) for row in found]
    return [abs(each) for each in told if each is not None]


def _share(found: Sequence[Row], of: _Of, whose: str, bar: float = BAR) -> str:
    off = errors(found, of, whose)
    if not off:
        return NOT_RUN
    return (
        f"{sum(each <= bar for each in off)} of {len(off)} within {100 * bar:.0f}%, "
        f"the median error {100 * median(off):.1f}% and the largest {100 * max(off):.1f}%"
    )


def _run_rows(found: Sequence[Row]) -> Iterator[str]:
    for run in RUNS:
        of_run = [row for row in found if row.run is run]
        cells = []
        for whose in ("ours", "peer"):
            off = errors(of_run, _cache, whose)
            if off:
                cells += [str(sum(each <= BAR for each in off)), f"{100 * max(off):.1f}%"]
            else:
                cells += [NOT_RUN, ""]
        yield f"| `{run.command}` | {run.dtype} | {len(of_run)} | {' | '.join(cells)} |"


def _small_sentence(measured: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Say how caches of other kinds compare, as far as llama.cpp's log is exact."""
    off = [
        abs(small_files.told(kind, small_files.RUNS[name]) / sum(caches) - 1)
        for kind, of_runs in measured.items()
        for name, caches in of_runs.items()
    ]
    return (
        "Kinds of caches that these models do not have, in small files with made-up sizes whose "
        f"tensors llama.cpp asked for by itself ({', '.join(sorted(measured))}): "
        f"{sum(each <= BAR for each in off)} of {len(off)} within 1%, the largest error "
        f"{100 * max(off):.1f}%. They are states beside or instead of keys, keys that layers "
        "share, heads and windows that differ by layer, and latents as older files keep "
        "them."
    )


def _reasons(refused: Sequence[Refusal]) -> list[str]:
    """Say what llama.cpp does not start, each reason once."""
    if not refused:
        return []
    by_reason: dict[str, list[str]] = {}
    for each in refused:
        models = by_reason.setdefault(each.why, [])
        if each.model not in models:
            models.append(each.model)
    told = "; ".join(f"{', '.join(models)}: `{why}`" for why, models in by_reason.items())
    return [f"llama.cpp does not start {told}.", ""]


def _model_rows(found: Iterator[Row]) -> Iterator[str]:
    for row in found:
        cells = []
        for held, unit, form in (
            (row.weights, 1e9, ",.3f"),
            (row.cache, 1e6, ",.1f"),
            (row.total, 1e9, ",.3f"),
        ):
            cells.append(format(held.real / unit, form))
            for whose in ("ours", "peer"):
                off = held.off(whose)
                cells.append(NOT_RUN if off is None else f"{100 * off:+.2f}%")
        yield f"| {row.model} | {row.kind} | {' | '.join(cells)} |"
