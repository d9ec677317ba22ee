"""GGUF files under llama-server: what is told beforehand, beside gguf-parser and llama.cpp itself.

`bench.memory` calls this. Files of full size are written as headers with a hole behind them;
llama.cpp lays each of them out without reserving a byte (bench/llama_cpp_in_lab.py), which is what
the others are held against. gguf-parser is taken from FIRSTMILE_GGUF_PARSER or from PATH; where it
is absent its columns say so. Its output names one sum for each device: the cache is what the sum
loses when keys and values stay in main memory, the weights what it loses when files are mapped.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench import small_files
from bench.gguf_forms import form_of
from bench.gguf_headers import header_of
from bench.gguf_writing import Header, write
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.memory import Sizing, estimate
from firstmile.check.memory.sizing import ACTIVATIONS, CACHE, LOGITS, WEIGHTS
from firstmile.check.worlds import folder, gpu, machine, world
from firstmile.facts.model_folder.folder import Gguf, Tensor

HERE: Final = Path(__file__).parent
FILE: Final = "model.gguf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A command of llama-server, and the number type of the matrices of its file."""

    dtype: str
    context: int
    slots: int | None = None
    keys: str = "f16"
    values: str = "f16"
    whole_windows: bool = False

    @property
    def flags(self) -> list[str]:
        """The flags as llama-server and gguf-parser both take them, less those on the slots."""
        said = ["--ctx-size", str(self.context)]
        for name, kind in (("k", self.keys), ("v", self.values)):
            said += [] if kind == "f16" else [f"--cache-type-{name}", kind]
        return said + (["--swa-full"] if self.whole_windows else [])

    @property
    def command(self) -> str:
        """The whole command."""
        slots = [] if self.slots is None else ["--parallel", str(self.slots)]
        return " ".join(["llama-server", "-m", FILE, *self.flags, *slots])

    @property
    def for_gguf_parser(self) -> list[str]:
        """The flags with the slots as gguf-parser takes them: one where none are named."""
        slots = [] if self.slots is None else ["--parallel-size", str(self.slots)]
        return [*self.flags, *slots]

    @property
    def for_llama_cpp(self) -> dict[str, Any]:
        """The context's parameters that llama-server sets (tools/server/server.cpp)."""
        return {
            "context": self.context,
            "sequences": self.slots or 4,
            "unified": self.slots is None,
            "swa_full": self.whole_windows,
            "keys": self.keys,
            "values": self.values,
        }


RUNS: Final = (
    Run(dtype="F16", context=9000),
    Run(dtype="F16", context=32768, slots=1),
    Run(dtype="F16", context=8192, slots=4),
    Run(dtype="F16", context=16384, slots=1, whole_windows=True),
    Run(dtype="Q8_0", context=16384, slots=1, keys="q8_0", values="q8_0"),
    Run(dtype="Q8_0", context=16384, slots=2, keys="q8_0"),
)
DTYPES: Final = tuple(dict.fromkeys(run.dtype for run in RUNS))


def known(configs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configs whose architecture llama.cpp has."""
    return {name: config for name, config in configs.items() if form_of(config)}


def gguf_parser() -> str | None:
    """Return the program, None where it is not there."""
    return shutil.which(os.environ.get("FIRSTMILE_GGUF_PARSER") or "gguf-parser")


def llama_cpp(lab: Path) -> str | None:
    """Return the version of llama-cpp-python in the lab, None where it is not there."""
    asked = "from importlib.metadata import version as v; print(v('llama-cpp-python'))"
    done = subprocess.run([lab, "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def measure(lab: Path, configs: Mapping[str, Any], scratch: Path) -> dict[str, Any] | None:
    """Write every file once in each number type, and ask llama.cpp and gguf-parser.

    Without llama.cpp there is nothing to hold the others against, and None is returned.
    """
    library, parser = llama_cpp(lab), gguf_parser()
    if library is None:
        return None
    found: dict[str, Any] = {"llama.cpp": {}, "gguf-parser": {} if parser else None}
    found["library"] = f"of llama-cpp-python {library}"
    found["date"] = datetime.now(UTC).date().isoformat()
    if parser:
        found["version"] = _said(parser, "--version").split()[-1].lstrip("v")
    for name, config in known(configs).items():
        for dtype in DTYPES:
            file = scratch / FILE
            write(header_of(config, dtype), file)
            runs = {run.command: run for run in RUNS if run.dtype == dtype}
            asked = json.dumps({text: run.for_llama_cpp for text, run in runs.items()})
            script = str(HERE / "llama_cpp_in_lab.py")
            told = _said(str(lab), script, str(file), asked)
            found["llama.cpp"].setdefault(name, {})[dtype] = json.loads(told.splitlines()[-1])
            if parser:
                peer = found["gguf-parser"].setdefault(name, {})
                peer[dtype] = {
                    "weights": _peer_weights(parser, file),
                    "caches": {text: _peer_cache(parser, file, run) for text, run in runs.items()},
                    "totals": {text: _peer_total(parser, file, run) for text, run in runs.items()},
                }
            file.unlink()
    found["small"] = small_files.measure(lab, scratch)
    return found


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _peer_item(parser: str, file: Path, *flags: str) -> Any:
    always = ("--json", "--skip-tokenizer", "--flash-attention")
    told = json.loads(_said(parser, "--path", str(file), *always, *flags))
    return told["estimate"]["items"][0]


def _peer_device(parser: str, file: Path, *flags: str) -> int:
    """Return the bytes of one device that holds every layer, as the unified sum names them."""
    return int(_peer_item(parser, file, *flags)["vrams"][0]["uma"])


def _peer_weights(parser: str, file: Path) -> int:
    return _peer_device(parser, file, "--no-mmap") - _peer_device(parser, file)


def _peer_cache(parser: str, file: Path, run: Run) -> int:
    plain = _peer_device(parser, file, *run.for_gguf_parser)
    return plain - _peer_device(parser, file, *run.for_gguf_parser, "--no-kv-offload")


def _peer_total(parser: str, file: Path, run: Run) -> int:
    """Return the bytes of main memory where there is no GPU, with the weights in it."""
    flags = (*run.for_gguf_parser, "--gpu-layers", "0", "--no-mmap")
    return int(_peer_item(parser, file, *flags)["ram"]["uma"])


def as_read(header: Header) -> Gguf:
    """Return what a header's file is read as."""
    tensors = []
    at = 0
    for each in header.tensors:
        tensors.append(Tensor(each.name, each.dtype, each.shape, at, at + each.size))
        at += each.size
    return Gguf(
        path=FILE,
        size_bytes=at + 4096,
        version=3,
        metadata={**header.settings, "tokenizer.ggml.tokens": header.tokens},
        tensors=tuple(tensors),
        data_start=4096,
    )


def told(gguf: Gguf, run: Run, *, gpu_gib: float | None = None) -> Sizing:
    """Return what we tell of a command, on a machine without a GPU or with one for every layer."""
    command = run.command + (" -ngl 999" if gpu_gib else "")
    intent = read_command(Command(words=tuple(words_of(command))))
    cards = [gpu("card", gpu_gib, "9.0")] if gpu_gib else []
    there = world(folder(kind="gguf", ggufs=(gguf,)), machine(gpus=cards, memory_gib=4096))
    found = None if intent is None else estimate(there, intent)
    if not isinstance(found, Sizing):
        raise SystemExit(f"{command}: {found}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One figure: as we tell it, as llama.cpp lays it out, as gguf-parser tells it."""

    ours: float
    real: float
    peer: float | None

    def off(self, whose: str) -> float | None:
        """Return how far ours or the peer's is off, as a share."""
        told = self.ours if whose == "ours" else self.peer
        return None if told is None else told / self.real - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A model under a command.

    `weights` are those on a device that holds every layer, `total` is all that is laid out on a
    machine without one: `within` says whether the buffers of a step lie in our bounds.
    """

    model: str
    kind: str
    run: Run
    weights: Held
    cache: Held
    total: Held
    within: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A model that llama.cpp does not start under a command, and its reason."""

    model: str
    run: Run
    why: str


def rows(measured: Mapping[str, Any], configs: Mapping[str, Any]) -> Iterator[Row | Refusal]:
    """Yield every model under every command."""
    for name, config in known(configs).items():
        for dtype in DTYPES:
            header = header_of(config, dtype)
            gguf = as_read(header)
            real = measured["llama.cpp"][name][dtype]
            peer = (measured["gguf-parser"] or {}).get(name, {}).get(dtype)
            for run in RUNS:
                laid = real["runs"].get(run.command)
                if run.dtype != dtype:
                    continue
                if "refused" in laid:
                    yield Refusal(model=name, run=run, why=laid["refused"])
                    continue
                yield _row(name, run, gguf, header, real["weights"], laid, peer)


def _row(
    name: str,
    run: Run,
    gguf: Gguf,
    header: Header,
    loaded: int,
    laid: Mapping[str, int],
    peer: Mapping[str, Any] | None,
) -> Row:
    host, device = told(gguf, run).host, told(gguf, run, gpu_gib=4096).device
    if device is None:
        raise SystemExit(f"{name}: no layer on the GPU")
    sizes = {each.name: each.size for each in header.tensors}
    stays = sizes["token_embd.weight"] if "output.weight" in sizes else 0
    steps = host.of(ACTIVATIONS, LOGITS)
    return Row(
        model=name,
        kind=str(header.settings["general.architecture"]),
        run=run,
        weights=Held(
            ours=device.of(WEIGHTS).likely,
            real=loaded - stays,
            peer=peer["weights"] if peer else None,
        ),
        cache=Held(
            ours=host.of(CACHE).likely,
            real=laid["cache"],
            peer=peer["caches"][run.command] if peer else None,
        ),
        total=Held(
            ours=host.of(WEIGHTS, CACHE, ACTIVATIONS, LOGITS).likely,
            real=loaded + laid["cache"] + laid["compute"],
            peer=peer["totals"][run.command] if peer else None,
        ),
        within=steps.low <= laid["compute"] <= steps.high,
    )
