"""Time the digest of a large log beside ripgrep with the same signatures; write docs/scanning.md.

    python -m bench.scanning [--write FILE] [--megabytes N] [--runs N]

Both run on one core, one after the other in every run, as whole processes with a warm page cache.
"""

import argparse
import datetime
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import firstmile
from firstmile.diagnose.compiled_cache import user_cache
from firstmile.diagnose.digest import Digester, scanned_literals
from firstmile.diagnose.line_blocks import BLOCK_BYTES, LineBlocks
from firstmile.diagnose.scanning import AutomatonScanner, HyperscanScanner
from firstmile.knowledge import Entry, Signature, Signatures, load_entries

ROOT = Path(__file__).parent.parent
SEED = 20261127
SIGNATURES = 200
RATES = (1e-5, 0.15)
GOALS = {1e-5: 2.5, 0.15: 0.8}
_CHUNK_LINES = 200_000
_PLAIN = re.compile(r"(?:[\w ,:;'\"=<>/@!#%&~-]|\\[.()\[\]{}*+?$^|\\-])+")
"""A signature that is one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One tool over one log: seconds of each run, and the peak in MiB.

    `scanning` are processor seconds without those that it takes to start.
    """

    tool: str
    rate: float
    wall: tuple[float, ...]
    processor: tuple[float, ...]
    scanning: tuple[float, ...]
    peak_mib: float
    lines: int


def some_signatures() -> Signatures:
    """Return 200 signatures of the packaged entries, drawn with a fixed seed.

    They are those that are one text, which is the best case of ripgrep: with 200 drawn from all,
    which count characters between their parts, it does not get through a megabyte a second.
    """
    drawn: dict[str, Entry] = {}
    for entry in load_entries():
        for signature in entry.signatures:
            if _PLAIN.fullmatch(signature.pattern) and signature.pattern not in drawn:
                drawn[signature.pattern] = replace(
                    entry, signatures=(Signature(pattern=signature.pattern),)
                )
    chosen = random.Random(SEED).sample(sorted(drawn), SIGNATURES)
    return Signatures([drawn[pattern] for pattern in chosen])


def healthy(chance: random.Random, step: int) -> str:
    """Return a line such as training and serving write while nothing fails."""
    clock = f"2026-03-01 {step // 3600 % 24:02d}:{step // 60 % 60:02d}:{step % 60:02d}"
    kind = chance.randrange(5)
    if kind < 2:
        return (
            f"{clock},{chance.randrange(1000):03d} INFO step {step} | train_loss "
            f"{chance.random() * 3:.4f} | lr {chance.random() * 1e-4:.3e} | "
            f"{chance.randrange(900, 9000)} tok/s"
        )
    if kind == 2:
        return (
            f"[rank{chance.randrange(8)}]: {{'loss': {chance.random():.4f}, 'grad_norm': "
            f"{chance.random():.3f}, 'epoch': {step / 10_000:.2f}}}"
        )
    if kind == 3:
        done = chance.randrange(1000)
        return f"{done // 10:3d}%|{'█' * (done // 100):10}| {done}/1000 [00:41<01:12, 9.87it/s]"
    return (
        f'INFO: 127.0.0.1:{chance.randrange(30000, 60000)} - "POST /v1/completions HTTP/1.1" 200 OK'
    )


def write_log(path: Path, size: int, rate: float, signatures: Signatures) -> int:
    """Write a log of at least so many bytes; returns how many of its lines meet a signature."""
    chance = random.Random(SEED)
    hitting = [
        line
        for entry in signatures.entries
        for sample in entry.match
        for line in sample.split("\n")
        if signatures.hits([line])
    ]
    lines = [
        line for step in range(_CHUNK_LINES) if not signatures.hits([line := healthy(chance, step)])
    ]
    hits = written = 0
    with path.open("wb") as file:
        while written < size:
            chunk = list(lines)
            count = _drawn(chance, len(chunk) * rate)
            for place in chance.sample(range(len(chunk)), count):
                chunk[place] = chance.choice(hitting)
            hits += count
            written += file.write(("\n".join(chunk) + "\n").encode())
    return hits


def _drawn(chance: random.Random, expected: float) -> int:
    """Round a number up or down so that it is right on average."""
    whole = int(expected)
    return whole + (chance.random() < expected - whole)


def timed(command: Sequence[str], core: int) -> tuple[float, float, float, float, int]:
    """Run a command on one core.

    Returns wall and processor seconds, those without the start, peak MiB and lines of output.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_on_core(core)
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines = 0
    while block := process.stdout.read(1 << 20):
        lines += block.count(b"\n")
    told = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed with {process.returncode}: {told}")
    wall = time.perf_counter() - started
    processor = usage.ru_utime + usage.ru_stime
    return wall, processor, float(told or processor), usage.ru_maxrss / 1024, lines


def _on_core(core: int) -> Callable[[], None]:
    return lambda: os.sched_setaffinity(0, {core})


def measure(
    scratch: Path, megabytes: int, runs: int
) -> tuple[list[Timing], dict[float, int], dict[float, Sequence[float]]]:
    """Measure every tool on a log of each rate, in turns, and the `parts` of ours."""
    signatures = some_signatures()
    patterns = scratch / "patterns"
    patterns.write_text("\n".join(signatures.patterns) + "\n", encoding="utf-8")
    log = scratch / "log"
    own = [sys.executable, "-m", "bench.scanning", "--digest", str(log)]
    tools = {
        "firstmile, Hyperscan": [*own, "--scanner", "hyperscan"],
        "firstmile, Aho-Corasick": [*own, "--scanner", "automaton"],
        "ripgrep": ["rg", "--no-config", "-a", "-n", "-f", str(patterns), str(log)],
        "ripgrep, no line numbers": [
            "rg",
            "--no-config",
            "-a",
            "-N",
            "-f",
            str(patterns),
            str(log),
        ],
    }
    timings = []
    hits = {}
    least: dict[float, Sequence[float]] = {}
    core = max(os.sched_getaffinity(0))
    for rate in RATES:
        hits[rate] = write_log(log, megabytes * 1_000_000, rate, signatures)
        timed(["cat", str(log)], core)
        found: dict[str, list[tuple[float, float, float, float, int]]] = {
            tool: [] for tool in tools
        }
        for _ in range(runs):
            for tool, command in tools.items():
                found[tool].append(timed(command, core))
        least[rate] = _least_parts(log, runs, core)
        for tool, runs_of_it in found.items():
            wall, processor, scanning, peak, lines = zip(*runs_of_it, strict=True)
            timings.append(
                Timing(
                    tool=tool,
                    rate=rate,
                    wall=wall,
                    processor=processor,
                    scanning=scanning,
                    peak_mib=max(peak),
                    lines=lines[0],
                )
            )
    return timings, hits, least


def _least_parts(log: Path, runs: int, core: int) -> Sequence[float]:
    command = [sys.executable, "-m", "bench.scanning", "--parts", str(log)]
    told = [
        subprocess.run(
            command, capture_output=True, text=True, check=True, preexec_fn=_on_core(core)
        ).stdout.split()
        for _ in range(runs)
    ]
    return [min(map(float, each)) for each in zip(*told, strict=True)]


def digest(log: Path, scanner: str) -> None:
    """Print the digest of a log, and to standard error how long it took without the start."""
    signatures = some_signatures()
    chosen = AutomatonScanner(scanned_literals(signatures)) if scanner == "automaton" else None
    digester = Digester(signatures, chosen)
    started = time.process_time()
    found = digester.digest(log)
    print(time.process_time() - started, file=sys.stderr)
    for line in found.lines:
        print(f"{line.number}:{line.text}")


def parts(log: Path) -> None:
    """Print the processor seconds that scanning cannot do without, each with those before it."""
    literals = scanned_literals(some_signatures())
    scanner = HyperscanScanner(literals, user_cache())
    patterns = range(len(literals))
    buffer = memoryview(bytearray(BLOCK_BYTES))
    taken = []
    with log.open("rb", buffering=0) as file:
        started = time.process_time()
        while file.readinto(buffer):
            pass
        taken.append(time.process_time() - started)
    for scans in (False, True):
        with log.open("rb", buffering=0) as file:
            started = time.process_time()
            for block in LineBlocks(file):
                if scans:
                    scanner.candidates(block.lines, patterns)
            taken.append(time.process_time() - started)
    print(*taken)


def rows(timings: Sequence[Timing], megabytes: int) -> Iterator[str]:
    """Yield the table."""
    yield (
        "| lines that hit | tool | processor s | against ripgrep | of it scanning s | MB/s | "
        "against ripgrep | wall s | peak MiB | lines given |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for timing in timings:
        (ripgrep,) = (
            other for other in timings if other.tool == "ripgrep" and other.rate == timing.rate
        )
        yield (
            f"| {timing.rate:.5g} | {timing.tool} | {spread(timing.processor)} | "
            f"{ratio(ripgrep.processor, timing.processor)} | {spread(timing.scanning)} | "
            f"{megabytes / median(timing.scanning):,.0f} | "
            f"{ratio(ripgrep.processor, timing.scanning)} | {spread(timing.wall)} | "
            f"{timing.peak_mib:,.0f} | {timing.lines:,} |"
        )


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> str:
    """Return how many times as fast ours is, by the median of pairs."""
    return f"{median(one / other for one, other in zip(theirs, ours, strict=True)):.2f}x"


def spread(seconds: Sequence[float]) -> str:
    """Return the median with its range."""
    return f"{median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


def verdicts(
    timings: Sequence[Timing], least: dict[float, Sequence[float]], megabytes: int
) -> Iterator[str]:
    """Yield for each rate what is aimed at, whether it is reached, and what bounds it."""
    for rate, goal in GOALS.items():
        ours, theirs = (
            next(each for each in timings if each.tool == tool and each.rate == rate)
            for tool in ("firstmile, Hyperscan", "ripgrep")
        )
        whole, alone = (ratio(theirs.processor, each) for each in (ours.processor, ours.scanning))
        met = "met" if float(whole[:-1]) >= goal else "missed"
        read, lines, scanned = least[rate]
        yield (
            f"Aimed at where {rate:.5g} of the lines hit: {goal}x ripgrep. {whole} as a process, "
            f"{alone} without its start: {met}. Of {megabytes:,} MB, quickest of the runs: to read "
            f"it takes {read:.2f} s, to part it into numbered lines {lines - read:.2f} s more, "
            f"Hyperscan {scanned - lines:.2f} s; ripgrep divided by these {scanned:.2f} s alone "
            f"would be {min(theirs.processor) / scanned:.2f}x."
        )
        yield ""


def page(
    timings: Sequence[Timing],
    hits: dict[float, int],
    least: dict[float, Sequence[float]],
    megabytes: int,
) -> str:
    """Return the Markdown page."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    ripgrep = subprocess.run(["rg", "--version"], capture_output=True, text=True, check=True)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    runs = len(timings[0].wall)
    counted = " and ".join(f"{count:,} at {rate:.5g}" for rate, count in hits.items())
    return "\n".join(
        [
            "<!-- Generated by `make figures`; do not edit. -->",
            "",
            "# Scanning logs",
            "",
            f"A log of {megabytes:,} MB from a seeded generator (seed {SEED}), {SIGNATURES} "
            f"signatures of the packaged entries, {today}, firstmile {firstmile.__version__}, "
            f"Python {platform.python_version()}, hyperscan {_version('hyperscan')}, "
            f"ahocorasick-rs {_version('ahocorasick-rs')}, {ripgrep.stdout.splitlines()[0]}, one "
            f"core of {cpu}. Every tool is a whole process from a cold start on the same core, in "
            f"turns, {runs} times, the log in the page cache: median (minimum to maximum). "
            "Ratios are of processor seconds, pair by pair: other work falsifies wall time. "
            f"Lines that meet a signature: {counted}.",
            "",
            "`firstmile` gives what a diagnosis needs: the first lines that meet each signature, "
            "errors and tracebacks, with what stands around them and their numbers. `ripgrep -f` "
            "prints every line that meets one, with its number. To start is what a process does "
            "once: importing Python's modules, reading the index of entries, loading the compiled "
            "signatures. The memory of ripgrep is mostly the mapped log.",
            "",
            *rows(timings, megabytes),
            "",
            *verdicts(timings, least, megabytes),
        ]
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def main() -> None:
    """Measure and print or write; with --digest or --parts, be what is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--digest", type=Path)
    parser.add_argument("--parts", type=Path)
    parser.add_argument("--scanner", choices=["hyperscan", "automaton"])
    options = parser.parse_args()
    if options.digest:
        digest(options.digest, options.scanner)
        return
    if options.parts:
        parts(options.parts)
        return
    if shutil.which("rg") is None:
        raise SystemExit("ripgrep is not installed.")
    with tempfile.TemporaryDirectory() as scratch:
        text = page(*measure(Path(scratch), options.megabytes, options.runs), options.megabytes)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
