"""The memory of runs as it is told beforehand, held against what real libraries take.

`python -m bench.memory --lab .cache/lab/bin/python --write docs/memory.md` writes the page.
`--lab` is an interpreter with torch, transformers, peft, accelerate and llama-cpp-python,
`--hf-mem` one with hf-mem; gguf-parser is on PATH, or where FIRSTMILE_GGUF_PARSER says. What was
measured is kept in tests/check/memory, as measured.json and measured_gguf.json, which tests hold
the estimates against; `--again` takes it from there, `--gguf` measures the GGUF files alone anew.
Without llama-cpp-python in the lab the GGUF files keep the figures that they have.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import firstmile
from bench import memory_gguf
from bench.memory_gguf_page import section, summary
from firstmile.check.changing.losses import WORDS
from firstmile.check.intent import Action, Intent, Lora, Training
from firstmile.check.memory import MEASURED_ON_GPU, Sizing, estimate, kv_cache
from firstmile.check.memory.blueprint import draw
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.model_folder.architecture import read_architecture, text_config

HERE: Final = Path(__file__).parent
TABLES: Final = HERE.parent / "tests" / "check" / "memory"
CONFIGS: Final = TABLES / "published_configs.json"
CASES: Final = TABLES / "cases_on_a_processor.json"
MEASURED: Final = TABLES / "measured.json"
MEASURED_GGUF: Final = TABLES / "measured_gguf.json"
TOKENS: Final = 9000

LEARNT_FROM: Final = (
    "Llama shape of 110M, float32, 1 x 1,024 generated",
    "Llama shape of 110M, float32, all weights trained, 2 x 256",
    "Llama shape of 420M, float32, LoRA of rank 16, 1 x 256",
)
"""Runs that what a process takes beside its tensors was learnt from; the others are a test."""

_HF_MEM: Final = """
import json, sys
from importlib.metadata import version
from hf_mem.safetensors.kv_cache import compute_safetensors_kv_cache_size
found = {"version": version("hf-mem"), "caches": {}}
for name, config in json.load(open(sys.argv[1])).items():
    part = config.get("text_config", config)
    try:
        found["caches"][name] = compute_safetensors_kv_cache_size(part, "BF16", 9000)
    except Exception as error:
        found["caches"][name] = type(error).__name__
print(json.dumps(found))
"""
_ACCELERATE: Final = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import torch, transformers
from importlib.metadata import version
from accelerate.utils import calculate_maximum_sizes
transformers.logging.set_verbosity_error()
found = {"version": version("accelerate"), "weights": {}}
found["libraries"] = {each: version(each) for each in ("torch", "transformers", "peft")}
for name, config in json.load(open(sys.argv[1])).items():
    config.pop("quantization_config", None)
    many = "ConditionalGeneration" in config["architectures"][0]
    kind = "AutoModelForImageTextToText" if many else "AutoModelForCausalLM"
    made = transformers.AutoConfig.for_model(**config)
    with torch.device("meta"):
        model = getattr(transformers, kind).from_config(made, dtype=torch.bfloat16)
    found["weights"][name] = calculate_maximum_sizes(model)[0]
print(json.dumps(found))
"""


def read(path: Path) -> Any:
    """Return the tree of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def ran(python: Path, *arguments: str | Path) -> Any:
    """Return the JSON that an interpreter prints last."""
    command = [str(python), *(str(each) for each in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}


def keep(measured: Mapping[str, Any], file: Path) -> None:
    """Write what was measured."""
    text = json.dumps(measured, indent=1, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")


def measure(lab: Path, hf_mem: Path | None, scratch: Path) -> dict[str, Any]:
    """Build tensors and caches on the meta device, run models on the processor, ask the peers."""
    script = HERE / "memory_in_lab.py"
    return {
        "weights": ran(lab, script, "meta", CONFIGS),
        "caches": ran(lab, script, "caches", CONFIGS),
        "resident": resident(lab, script, scratch),
        "accelerate": ran(lab, "-c", _ACCELERATE, CONFIGS),
        "hf_mem": ran(hf_mem, "-c", _HF_MEM, CONFIGS) if hf_mem else None,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }


def resident(lab: Path, script: Path, scratch: Path) -> dict[str, Any]:
    """Run each case on the processor, in a process of its own."""
    found = {}
    for number, (name, case) in enumerate(read(CASES).items()):
        place = scratch / str(number)
        place.mkdir()
        told = scratch / f"{number}.json"
        given = {"checkpointing": False, **case, "folder": str(place)}
        told.write_text(json.dumps(given), encoding="utf-8")
        ran(lab, script, "resident", told)
        found[name] = ran(lab, script, "resident", told)
    return found


def weights_of(config: Mapping[str, Any]) -> float:
    """Return our bytes of a config's weights in bfloat16, as if it were not quantized."""
    drawn = draw(config, read_architecture(config))
    return 0.0 if drawn is None else drawn.numbers * 2.0


def cache_of(config: Mapping[str, Any], tokens: int = TOKENS) -> float:
    """Return our bytes of the keys and values that transformers keeps."""
    kept = kv_cache.kept(read_architecture(config), text_config(config), 2.0, copied=True)
    return 0.0 if kept is None else kv_cache.size(kept, tokens)


def sizing_of(case: Mapping[str, Any]) -> Sizing:
    """Return our memory of a case that runs on the processor."""
    config = {**case["config"], "torch_dtype": case["dtype"]}
    training = None
    if case["training"]:
        lora = Lora(rank=case["rank"], target_modules=("all-linear",)) if "rank" in case else None
        training = Training(
            method=case["training"],
            per_device_batch_size=case["batch"],
            max_length=case["length"],
            gradient_checkpointing=case["checkpointing"],
            bf16=False,
            lora=lora,
        )
    intent = Intent(
        action=Action.FINE_TUNE if training else Action.GENERATE,
        engine="transformers",
        dtype=case["dtype"],
        context=case["length"],
        batch_size=case["batch"],
        training=training,
    )
    found = estimate(world(folder(config=config), machine(memory_gib=64)), intent)
    if isinstance(found, str):
        raise SystemExit(found)
    return found


def off(ours: float, real: float) -> str:
    """Return how far ours is off, in percent."""
    return f"{100 * (ours / real - 1):+.2f}%"


def page(measured: Mapping[str, Any]) -> str:
    """Return the Markdown page."""
    configs, cases = read(CONFIGS), read(CASES)
    libraries = ", ".join(
        f"{name} {version}" for name, version in measured["accelerate"]["libraries"].items()
    )
    peers = f"accelerate {measured['accelerate']['version']}"
    if measured["hf_mem"]:
        peers += f", hf-mem {measured['hf_mem']['version']}"
    weights = [
        abs(weights_of(config) / measured["weights"][name] - 1) for name, config in configs.items()
    ]
    caches = [
        abs(cache_of(config) / measured["caches"][name][str(TOKENS)] - 1)
        for name, config in configs.items()
    ]
    lines = [
        "<!-- Generated by `python -m bench.memory`; do not edit. -->",
        "",
        "# Memory",
        "",
        "What `firstmile check` says a run takes, held against what real libraries take. "
        f"{measured['date']}, firstmile {firstmile.__version__}, {libraries}; peers: {peers}; "
        f"{measured['machine']}. Configs are written down from the published sizes of the models.",
        "",
        f"- Weights of {len(configs)} architectures against tensors on torch's meta device: "
        f"{sum(each <= 0.01 for each in weights)} within 1%, the largest error "
        f"{100 * max(weights):.2f}%.",
        f"- Keys and values of {len(caches)} architectures against transformers' DynamicCache: "
        f"{sum(each <= 0.01 for each in caches)} within 1%, the largest error "
        f"{100 * max(caches):.2f}%.",
        *summary(read(MEASURED_GGUF), configs),
        _processor_sentence(measured, cases),
        "- Totals on GPUs are "
        + (
            "measured."
            if MEASURED_ON_GPU
            else "**not measured** on a GPU; they say so wherever they are shown."
        ),
        "",
        "## On a processor",
        "",
        "Resident memory at its peak, of real models with random weights, in a process of its own: "
        "`generate` with the default cache, or two training steps with torch's AdamW. "
        "What a process takes beside its tensors was learnt from the runs with a star.",
        "",
        "| run | told, MB (from, to) | measured, MB | off | within the bar |",
        "|---|---|---|---|---|",
        *_processor_rows(measured, cases),
        "",
        "## Weights",
        "",
        "In bfloat16, without the quantization that some of them are published with. accelerate is "
        "`calculate_maximum_sizes`, which `accelerate estimate-memory` prints; it builds the model "
        "from the code of transformers. hf-mem reads the headers of files and counts what they "
        "state; it has no figure without files.",
        "",
        "| model | told, GB | tensors, GB | off | accelerate, GB | off |",
        "|---|---|---|---|---|---|",
        *_weight_rows(measured, configs),
        "",
        f"## Keys and values of {TOKENS:,} tokens",
        "",
        "In bfloat16, one sequence, after a prompt on the meta device. hf-mem counts what a server "
        "that gives windows whole pages reserves, so that windows save nothing.",
        "",
        "| model | told, MB | DynamicCache, MB | off | hf-mem, MB | off |",
        "|---|---|---|---|---|---|",
        *_cache_rows(measured, configs),
        "",
        *section(read(MEASURED_GGUF), configs),
        "## What a change costs",
        "",
        "The order in which `firstmile check` looks for the smallest change that works:",
        "",
        *(f"{place}. {words}" for place, words in enumerate(WORDS.values(), 1)),
        "",
    ]
    return "\n".join(lines)


def _processor_sentence(measured: Mapping[str, Any], cases: Mapping[str, Any]) -> str:
    errors = {
        name: abs(sizing_of(case).host.needed.likely / measured["resident"][name]["peak"] - 1)
        for name, case in cases.items()
    }
    unseen = [error for name, error in errors.items() if name not in LEARNT_FROM]
    return (
        f"- Totals of {len(errors)} runs on a processor against resident memory: "
        f"{sum(each <= 0.1 for each in errors.values())} within 10%; of the {len(unseen)} that "
        f"nothing was learnt from {sum(each <= 0.1 for each in unseen)}, with a median error of "
        f"{100 * median(unseen):.1f}% and the largest {100 * max(unseen):.1f}%."
    )


def _processor_rows(measured: Mapping[str, Any], cases: Mapping[str, Any]) -> Iterator[str]:
    for name, case in cases.items():
        told = sizing_of(case).host.needed
        real = measured["resident"][name]["peak"]
        mark = " *" if name in LEARNT_FROM else ""
        within = "yes" if told.low <= real <= told.high else "no"
        bar = f"({told.low / 1e6:,.0f}, {told.high / 1e6:,.0f})"
        yield (
            f"| {name}{mark} | {told.likely / 1e6:,.0f} {bar} "
            f"| {real / 1e6:,.0f} | {100 * (told.likely / real - 1):+.1f}% | {within} |"
        )


def _weight_rows(measured: Mapping[str, Any], configs: Mapping[str, Any]) -> Iterator[str]:
    for name, config in configs.items():
        ours, real = weights_of(config), measured["weights"][name]
        theirs = measured["accelerate"]["weights"][name]
        yield (
            f"| {name} | {ours / 1e9:,.3f} | {real / 1e9:,.3f} | {off(ours, real)} "
            f"| {theirs / 1e9:,.3f} | {off(theirs, real)} |"
        )


def _cache_rows(measured: Mapping[str, Any], configs: Mapping[str, Any]) -> Iterator[str]:
    peer = (measured["hf_mem"] or {}).get("caches", {})
    for name, config in configs.items():
        ours, real = cache_of(config), measured["caches"][name][str(TOKENS)]
        theirs = peer.get(name)
        shown = "none | "
        if isinstance(theirs, int):
            shown = f"{theirs / 1e6:,.1f} | {off(theirs, real)}"
        yield f"| {name} | {ours / 1e6:,.1f} | {real / 1e6:,.1f} | {off(ours, real)} | {shown} |"


def main() -> None:
    """Measure, or take what was measured, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", type=Path, default=Path(".cache/lab/bin/python"))
    parser.add_argument("--hf-mem", type=Path)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--gguf", action="store_true")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lab = options.lab.absolute()
    with tempfile.TemporaryDirectory() as scratch:
        if not options.again and not options.gguf:
            keep(measure(lab, options.hf_mem, Path(scratch)), MEASURED)
        if not options.again:
            found = memory_gguf.measure(lab, read(CONFIGS), Path(scratch))
            if found is None:
                print("The lab has no llama-cpp-python: GGUF files keep their earlier figures.")
            else:
                keep(found, MEASURED_GGUF)
    told = page(read(MEASURED))
    if options.write:
        options.write.write_text(told, encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
