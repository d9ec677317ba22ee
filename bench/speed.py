"""Time the study as whole processes, and what a user would do instead; write docs/speed.md.

    python -m bench.speed [--write FILE] [--rows N] [--published FOLDER]

`--published` names a checkout of the published data set, whose scripts are then timed too.
"""

import argparse
import datetime
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import firstmile

ROOT = Path(__file__).parent.parent
RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Whole-process figures: wall seconds of each run, and the largest peak in MiB."""

    what: str
    wall: tuple[float, ...]
    peak_mib: float
    limit: str
    note: str = ""

    def row(self) -> str:
        """Return a row of the table."""
        low, high = min(self.wall), max(self.wall)
        spread = f"{median(self.wall):.1f} ({low:.1f} to {high:.1f})"
        return (
            f"| {self.what} | {spread} | {len(self.wall)} | {self.peak_mib:,.0f} | {self.limit} | "
            f"{self.note} |"
        )


def run(command: Sequence[str], *, folder: Path = ROOT) -> tuple[float, float, str]:
    """Run a command; return wall seconds, peak resident MiB and its output."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"MPLBACKEND": "Agg"},
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{output}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024, output


def timed(what: str, command: Sequence[str], *, limit: str, runs: int = RUNS) -> Timing:
    """Time a command over several runs."""
    found = [run(command) for _ in range(runs)]
    return Timing(
        what=what,
        wall=tuple(wall for wall, _, _ in found),
        peak_mib=max(peak for _, peak, _ in found),
        limit=limit,
    )


def measure(scratch: Path, rows: int, published: Path | None) -> list[Timing]:
    """Measure everything."""
    cli = [sys.executable, "-m", "firstmile"]
    out = ["--out", str(scratch / "report"), "--quiet"]
    timings = [
        timed("`firstmile --version`", [*cli, "--version"], limit=""),
        timed("`firstmile explain CODE`", [*cli, "explain", "crash/cuda"], limit=""),
        timed("report, embedded figures", [*cli, "study", "report", *out], limit="10 s"),
    ]
    data = Path(os.environ.get("FIRSTMILE_DATA", ROOT.parent / "shared/data")) / "open-llm-failures"
    if data.is_dir():
        timings.append(
            timed("report, 706 rows", [*cli, "study", "report", str(data), *out], limit="10 s")
        )
    many = scratch / "synthetic.parquet"
    # In a process of its own: a child's peak counts what its parent held when it was started.
    run([sys.executable, "-m", "bench.synthetic", str(many), str(rows)])
    timings.append(
        timed(
            f"report, {rows:,} synthetic rows (Parquet)",
            [*cli, "study", "report", str(many), *out],
            limit="60 s, 2 GB",
            runs=3,
        )
    )
    timings += pandas_loop(many, rows)
    if published is not None:
        timings += published_scripts(published, scratch)
    return timings


def pandas_loop(many: Path, rows: int) -> list[Timing]:
    """Time a bootstrap of one table in pandas; 20 resamples, scaled to 10,000."""
    resamples = 20
    wall, peak, output = run([sys.executable, "-m", "bench.pandas_loop", str(many), str(resamples)])
    each = float(output.split("seconds_per_resample")[1])
    return [
        Timing(
            what=f"pandas loop, {rows:,} rows, one table, {resamples} resamples",
            wall=(wall,),
            peak_mib=peak,
            limit="",
            note=f"{each:.2f} s a resample: 10,000 would take {each * 10_000 / 3600:.1f} h",
        )
    ]


def published_scripts(published: Path, scratch: Path) -> list[Timing]:
    """Time the published scripts, each once, in a copy of their folder."""
    copy = scratch / "published"
    shutil.copytree(published, copy, ignore=shutil.ignore_patterns(".git"))
    walls, peaks = [], []
    for script in sorted(copy.glob("RQ*.py")):
        wall, peak, _ = run([sys.executable, str(script)], folder=copy)
        walls.append(wall)
        peaks.append(peak)
    return [
        Timing(
            what=f"published scripts, all {len(walls)} (figures only, no test or interval)",
            wall=(sum(walls),),
            peak_mib=max(peaks),
            limit="",
        )
    ]


def page(timings: Sequence[Timing]) -> str:
    """Return the Markdown page."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return "\n".join(
        [
            "<!-- Generated by `make bench`; do not edit. -->",
            "",
            "# Speed",
            "",
            f"Whole processes from a cold start, {today}, firstmile {firstmile.__version__}, "
            f"Python {platform.python_version()}, {os.cpu_count()} cores of {cpu}. Wall seconds: "
            "median (minimum to maximum). A report is everything: all analyses with permutations, "
            "bootstraps and label noise, every figure as SVG, PNG and PDF, tables, page.",
            "",
            "| what | wall s | runs | peak MiB | limit | note |",
            "|---|---|---|---|---|---|",
            *(timing.row() for timing in timings),
            "",
        ]
    )


def main() -> None:
    """Measure and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--published", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        text = page(measure(Path(scratch), options.rows, options.published))
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
