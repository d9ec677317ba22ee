"""Time diagnoses of many reports and of one, as whole processes; write docs/diagnosing-speed.md.

    python -m bench.diagnosing_speed [--write FILE] [--reports N] [--runs N] [--issues FILE]

`--issues` names a gzipped file of GitHub issues, one JSON object a line with `title` and `body`.
"""

import argparse
import datetime
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

import firstmile
from bench.diagnosing_stages import TIMED, WARMED_BY, milliseconds_by_stage, table
from bench.made_up_reports import SEED, write_batch
from bench.scanning import spread
from firstmile.knowledge.cases import load_cases

GOAL = 1_000
GOAL_SECONDS = 0.3
_COMMAND = (sys.executable, "-m", "firstmile", "diagnose")
_LIBRARIES = ("numpy", "google-re2", "ahocorasick-rs", "msgspec")
_TRACEBACK = """Traceback (most recent call last):
  File "/home/me/train.py", line 41, in <module>
    trainer.train()
  File "/home/me/env/lib/python3.11/site-packages/transformers/trainer.py", line 2240, in train
    return inner_training_loop(
  File "/home/me/env/lib/python3.11/site-packages/torch/nn/modules/module.py", line 1532, in _call
    return forward_call(*args, **kwargs)
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity \
of 23.65 GiB of which 1.06 GiB is free."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Runs of one command: seconds by the clock and of computing, and the peak in MiB."""

    what: str
    reports: int
    wall: tuple[float, ...]
    processor: tuple[float, ...]
    peak_mib: float


def measure(what: str, reports: int, command: Sequence[str], runs: int) -> Timing:
    """Run a command several times, after once that does not count where it is short."""
    if reports == 1:
        _run(command)
    wall, processor, peak = zip(*(_run(command) for _ in range(runs)), strict=True)
    return Timing(what, reports, wall, processor, max(peak))


def _run(command: Sequence[str]) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryFile() as answers:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=answers, env=os.environ | {"XDG_STATE_HOME": state}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}.")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def write_cases(path: Path, reports: int) -> None:
    """Write the casebook again and again, each time with another number in it."""
    cases = load_cases()
    lines = [
        json.dumps({"id": number, "text": f"{cases[number % len(cases)].text}\nRun {number}."})
        for number in range(reports)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_issues(path: Path, issues: Path) -> int:
    """Write issues as a batch; returns how many they are."""
    with gzip.open(issues, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    batch = [
        json.dumps({"id": place, "text": f"{each['title']}\n\n{each['body'] or ''}"})
        for place, each in enumerate(found)
    ]
    path.write_text("\n".join(batch) + "\n", encoding="utf-8")
    return len(batch)


def size_of(path: Path) -> str:
    """Return the median and mean number of characters of a batch's texts."""
    lengths = [
        len(json.loads(line)["text"]) for line in path.read_text("utf-8").splitlines() if line
    ]
    return f"{median(lengths):,.0f} ({sum(lengths) / len(lengths):,.0f})"


def page(
    batches: Sequence[tuple[Timing, str]], one: Timing, waiting: float, stages: dict[str, float]
) -> str:
    """Return the Markdown page; `waiting` is the load average beforehand."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    cores = len(os.sched_getaffinity(0))
    runs = len(batches[0][0].wall)
    rows = [
        f"| {timing.what} | {timing.reports:,} | {size} | {spread(timing.processor)} | "
        f"{1000 * min(timing.processor) / timing.reports:.2f} | "
        f"{cores * timing.reports / min(timing.processor):,.0f} | {spread(timing.wall)} | "
        f"{timing.reports / min(timing.wall):,.0f} | {timing.peak_mib:,.0f} |"
        for timing, size in batches
    ]
    met = all(timing.reports / min(timing.wall) >= GOAL for timing, _ in batches)
    quick = min(one.wall) <= GOAL_SECONDS
    return "\n".join(
        [
            "<!-- Generated by `python -m bench.diagnosing_speed`; do not edit. -->",
            "",
            "# The speed of diagnoses",
            "",
            f"{today}, firstmile {firstmile.__version__}, Python {platform.python_version()}, "
            f"{libraries}, {cores} cores of {cpu}. Whole processes from their start, files in the "
            f"page cache, {runs} runs of a batch and {len(one.wall)} of one report: "
            "median (minimum to maximum). Other work on the machine makes wall time many times "
            "longer, and processor time up to twice as long; the rates are of the quickest run. "
            f"{waiting:.1f} processes ran or waited for a core beforehand (the "
            "load average).",
            "",
            "## Many reports",
            "",
            "`firstmile diagnose --batch FILE --format jsonl`. The made-up reports are cases of "
            f"the casebook (seed {SEED}) in their words alone, with their error lines, in a "
            "traceback, in a training log and in an issue's form, no two alike. `reports/s of "
            f"computing` is what {cores} cores would do that had nothing else to do.",
            "",
            "| reports | number | characters: median (mean) | processor s | ms of computing each | "
            "reports/s of computing | wall s | reports/s by the clock | largest process MiB |",
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"What is aimed at is {GOAL:,} reports a second on 2 cores, by the clock: "
            f"{'met' if met else 'missed'}.",
            "",
            "Where the time of one made-up report goes, in one process, after "
            f"{WARMED_BY:,} others, mean of {TIMED}:",
            "",
            *table(stages),
            "",
            f"At {GOAL:,} a second on 2 cores a report has {2000 / GOAL:.0f} ms. No stage is most "
            "of it, so no single change reaches the aim: what costs are many small looks at the "
            "same forty lines. Leaving out the check that an answer hangs on the lines that it "
            "cites, and the look whether anything failed at all, would come near it, at the price "
            "of proofs that prove nothing and of alarms on healthy logs.",
            "",
            "## One report",
            "",
            f"`firstmile diagnose FILE` with a traceback of {len(_TRACEBACK.splitlines())} lines, "
            f"from a cold start: {spread(one.processor)} s of computing, {spread(one.wall)} s by "
            f"the clock, {one.peak_mib:,.0f} MiB. What is aimed at is {GOAL_SECONDS} s by the "
            f"clock: {'met' if quick else 'missed'} by the quickest run.",
            "",
        ]
    )


def main() -> None:
    """Measure and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--reports", type=int, default=4_530)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--issues", type=Path)
    options = parser.parse_args()
    waiting = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        made, cases, issues = (Path(scratch) / name for name in ("made", "cases", "issues"))
        write_batch(made, options.reports)
        write_cases(cases, options.reports)
        batches = [
            (f"made up, {made.stat().st_size / 1e6:.0f} MB", options.reports, made),
            ("the casebook as it is", options.reports, cases),
        ]
        if options.issues:
            batches.append(("issues of engines", write_issues(issues, options.issues), issues))
        timings = [
            (
                measure(
                    what, count, (*_COMMAND, "--batch", str(path), "--format=jsonl"), options.runs
                ),
                size_of(path),
            )
            for what, count, path in batches
        ]
        traceback = Path(scratch) / "traceback.txt"
        traceback.write_text(_TRACEBACK, encoding="utf-8")
        one = measure("a traceback", 1, (*_COMMAND, str(traceback)), 3 * options.runs)
    text = page(timings, one, waiting, milliseconds_by_stage())
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
