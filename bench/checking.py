"""Time `firstmile check` beside other tools, and count the faults that each tells of.

    python -m bench.checking [--lab PYTHON] [--peers PYTHON] [--write docs/check-speed.md]

`--lab` is an interpreter with torch, transformers and accelerate (`make lab` makes it), `--peers`
one with env-doctor and hf-mem. Whole processes in turns, the files in the page cache. Processor
seconds are what other work on the machine changes least, so their least is shown.
"""

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import firstmile
from bench.checked_folders import SHARDS, TENSORS, TOKENS, make_tokenizer
from bench.loopback_hub import OWNER, serving
from bench.model_folders import CONFIG, make_folder
from firstmile.check.unit import check_id, find_checks
from firstmile.facts.snapshot import Snapshot
from firstmile.lab.folders import judging
from firstmile.lab.folders.fault import find_folder_faults, find_healthy_folders
from firstmile.taxonomy import load_taxonomy

ROOT: Final = Path(__file__).parent.parent
KEPT: Final = ROOT / "tests/lab/folders"
RUNS: Final = 3
SMALL, HEADERS, WHOLE = "small", "headers", "whole"
FOLDERS: Final = {
    SMALL: "a small Llama 3 of the lab, with tokenizer and template",
    HEADERS: f"DeepSeek-V3 in {SHARDS} shards with {TENSORS:,} tensors, config and index",
    WHOLE: f"the same with a tokenizer of {TOKENS:,} tokens and a template",
}
_DRAWN: Final = re.compile(r"[\s─│┌┐└┘├┤┬┴┼█░]+")
_COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")
_VERSIONS: Final = "import json,sys; from importlib.metadata import version as v; "


@dataclass(slots=True, kw_only=True)
class Timing:
    """One tool on one folder: processor and wall seconds of each run, and the largest peak."""

    tool: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    processor: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    peak_mib: float = 0.0
    status: int = 0

    def run(self, *, counts: bool) -> None:
        """Run it once; `counts` is false while it warms up."""
        began = time.perf_counter()
        child = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**as_installed(os.environ), **self.environment},
        )
        _, status, usage = os.wait4(child.pid, 0)
        self.status = child.returncode = os.waitstatus_to_exitcode(status)
        if counts:
            self.wall.append(time.perf_counter() - began)
            self.processor.append(usage.ru_utime + usage.ru_stime)
            self.peak_mib = max(self.peak_mib, usage.ru_maxrss / 1024)

    def row(self) -> str:
        """Return a row of the table."""
        shown = " | ".join(
            f"{min(each):.2f} ({median(each):.2f}, {max(each):.2f})"
            for each in (self.processor, self.wall)
        )
        return f"| {self.tool} | {shown} | {self.peak_mib:,.0f} | {self.status} |"


def as_installed(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables with which Python keeps compiled modules, as those of a package are."""
    return {key: each for key, each in variables.items() if key != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a tool printed for one folder, without the boxes around it."""

    status: int
    lines: frozenset[str]


def versions(python: Path, names: Sequence[str]) -> str:
    """Return packages of an interpreter with their versions."""
    code = _VERSIONS + f"print(json.dumps([n + ' ' + v(n) for n in {list(names)!r}]))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return ", ".join(json.loads(done.stdout))


def told_by(tool: str, python: Path, address: str, root: Path) -> dict[str, Told]:
    """Run a tool on every folder of the Hub; returns what it told of each."""
    names = [f"{OWNER}/{each.name}" for each in sorted((root / OWNER).iterdir())]
    script = str(ROOT / "bench/peers_in_lab.py")
    command = [str(python), script, tool, address, str(root), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {
        name.partition("/")[2]: Told(
            status=one["status"],
            lines=frozenset(_DRAWN.sub(" ", _COLOR.sub("", line)).strip() for line in one["lines"]),
        )
        for name, one in found.items()
    }


def timings(
    folders: Mapping[str, Path], root: Path, address: str, given: argparse.Namespace
) -> dict[str, list[Timing]]:
    """Time every tool on every folder, in turns."""
    found: dict[str, list[Timing]] = {}
    script = str(ROOT / "bench/peers_in_lab.py")
    for what, folder in folders.items():
        check = [sys.executable, "-m", "firstmile", "check"]
        tools = [Timing(tool="firstmile check MODEL", command=[*check, str(folder)])]
        serve = ["--", "vllm", "serve", str(folder), "--max-model-len", "8192"]
        tools.append(Timing(tool="firstmile check -- vllm serve MODEL ...", command=check + serve))
        name = f"{OWNER}/{folder.name}"
        for tool, python in (("accelerate", given.lab), ("hf-mem", given.peers)):
            if python:
                command = [str(python), script, tool, address, str(root), name]
                tools.append(Timing(tool=f"{_COMMANDS[tool]} *", command=command))
        if given.peers and what == SMALL:
            doctor = str(given.peers.parent / "env-doctor")
            tools.append(Timing(tool="env-doctor check (no folder)", command=[doctor, "check"]))
        for turn in range(RUNS + 1):
            for each in tools:
                each.run(counts=turn > 0)
        found[what] = tools
    return found


_COMMANDS: Final = {
    "accelerate": "accelerate estimate-memory",
    "hf-mem": "hf-mem --experimental",
}


def fault_rows(told: Mapping[str, Mapping[str, Told]]) -> Iterator[str]:
    """Yield a row for each class of causes, and one for all of them."""
    causes = {check_id(each): each.ABOUT.cause.partition("/")[0] for each in find_checks()}
    names = {term.code: term.name for term in load_taxonomy().terms if "/" not in term.code}
    rows: dict[str, Counter[str]] = {}
    for name, seeded in find_folder_faults().items():
        file = judging.kept_at(KEPT, seeded)
        seen = judging.seen_of_fault(seeded, judging.unpacked(file) if file else Snapshot())
        for row in (causes[seeded.fault.sees[0]], ""):
            count = rows.setdefault(row, Counter())
            count["faults"] += 1
            count["folder"] += seeded.damage is not None
            count["firstmile"] += seen.is_found
            for tool, of_folders in told.items():
                if name in of_folders and seeded.fault.base is not None:
                    how = difference(of_folders[name], of_folders[seeded.fault.base])
                    count[f"{tool} {how}"] += 1
    for row, count in sorted(rows.items(), key=lambda each: (not each[0], -each[1]["faults"])):
        peers = " | ".join(
            f"{count[f'{tool} refused']} | {count[f'{tool} differs']}" for tool in told
        )
        yield (
            f"| {names[row] if row else '**all**'} | {count['faults']} | {count['folder']} "
            f"| {count['firstmile']} | {peers} |"
        )


def difference(told: Told, healthy: Told) -> str:
    """Say what a tool shows of a fault, against what it shows of the folder before the damage."""
    if told.status and not healthy.status:
        return "refused"
    return "differs" if told.lines - healthy.lines and not healthy.status else "nothing"


def measure(scratch: Path, given: argparse.Namespace) -> tuple[Any, dict[str, dict[str, Told]]]:
    """Make the folders, time every tool on those of full size and run it on the damaged ones."""
    store, root = scratch / "store", scratch / "hub"
    store.mkdir()
    (root / OWNER).mkdir(parents=True)
    maker = [given.lab, ROOT / "bench/folders_in_lab.py", store]
    settings = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run(maker, check=True, capture_output=True, env=settings)
    for place in (*(store / "whole").iterdir(), *(store / "damaged").iterdir()):
        (root / OWNER / place.name).symlink_to(place.resolve())
    folders = {SMALL: root / OWNER / "llama-3"}
    timed = scratch / "timed" / OWNER
    for what in (HEADERS, WHOLE):
        folders[what] = timed / what
        folders[what].mkdir(parents=True)
        make_folder(folders[what], shards=SHARDS)
    make_tokenizer(folders[WHOLE])
    (timed / folders[SMALL].name).symlink_to(folders[SMALL].resolve())
    with serving(timed) as address:
        times = timings(folders, timed.parent, address, given)
    told = {}
    with serving(root / OWNER) as address:
        for tool, python in (("accelerate", given.lab), ("hf-mem", given.peers)):
            if python:
                told[tool] = told_by(tool, python, address, root)
    return times, told


def page(times: Mapping[str, Sequence[Timing]], told: Any, given: argparse.Namespace) -> str:
    """Return the Markdown page."""
    told_versions = versions(given.lab, ["accelerate", "transformers", "torch"])
    if given.peers:
        told_versions += ", " + versions(given.peers, ["hf-mem", "env-doctor"])
    healthy = len(find_healthy_folders())
    lines = [
        "<!-- Generated by `make figures`; do not edit. -->",
        "",
        "# The check beside other tools",
        "",
        f"{datetime.datetime.now(datetime.UTC).date().isoformat()}, firstmile "
        f"{firstmile.__version__}, {told_versions}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores of {processor_name()}, {platform.system()}.",
        "",
        "## Time and memory",
        "",
        f"Whole processes from their start, in turns, {RUNS} times after one that is not counted, "
        "the files in the page cache: least (median, greatest). Other work on the machine makes "
        "wall time longer, and processor time little; the least are what the tool takes. Memory "
        "is that of the largest process of a run. The exit status of firstmile is 1 where "
        "something will fail: here there is no GPU, and nothing that serves a model is installed.",
        "",
        "accelerate and hf-mem (*) ask the Hub, also for a folder that is here: without a network "
        "both end in an error. A Hub on the loopback that holds the folder answered them. "
        "accelerate is sent there by HF_ENDPOINT and builds the model from its config alone; "
        "hf-mem has the address of the Hub within it, which was exchanged when it started. "
        "env-doctor takes no folder: it judges the machine, or a model of its own list by name.",
        "",
    ]
    for what, rows in times.items():
        lines += [
            f"### {FOLDERS[what][0].upper()}{FOLDERS[what][1:]}",
            "",
            "| tool | processor s | wall s | peak MiB | exit |",
            "|---|---|---|---|---|",
            *(each.row() for each in rows),
            "",
            *room_sentence(rows),
        ]
    lines += [
        "What is aimed at: headers and configs of a hundred shards judged in 0.5 s and 300 MiB, "
        "with tokenizer and template in 3 s. " + aim_sentence(times),
        "",
        "## Which faults each tells of",
        "",
        f"The {len(find_folder_faults())} seeded faults of `make lab`, by the class of their "
        "cause. firstmile tells of a fault where the check that is named for it fails or warns; "
        f"on {healthy} healthy variants no check fails. For the others anything counts: *refused* "
        "is an error on the damaged folder that the whole one does not cause, *differs* any line "
        "that is not printed for the whole one, such as another figure, whether or not a reader "
        "would see the fault in it. They size memory and were not made to find faults: they take "
        "neither a command nor a machine, so only faults in files can show. "
        + " ".join(refusal_sentence(tool, of) for tool, of in told.items()),
        "",
        "The faults were written beside the checks: that firstmile tells of them shows that the "
        "checks work, not how often a fault of another kind passes them. "
        "[foreseen.md](foreseen.md) counts that on reported failures.",
        "",
        "| cause | faults | of them in files | firstmile | "
        + " | ".join(f"{tool} refused | {tool} differs" for tool in told)
        + " |",
        "|---" * (4 + 2 * len(told)) + "|",
        *fault_rows(told),
        "",
        "env-doctor is not in this table. The machines of these faults are described, and it reads "
        "the one that it runs on; of folders and commands it is told nothing. Its subjects are "
        "those of these checks: driver, CUDA and compute capability against torch, versions of "
        "Python, and engines against the driver.",
        "",
    ]
    return "\n".join(lines)


def room_sentence(rows: Sequence[Timing]) -> list[str]:
    """Say why accelerate ends in an error where layers have large mixtures of experts.

    `init_empty_weights` empties a parameter once it is registered (accelerate/big_modeling.py),
    and transformers creates the experts of a layer as one (modeling_deepseek_v3.py).
    """
    if not any(row.tool.startswith("accelerate") and row.status for row in rows):
        return []
    experts = CONFIG["n_routed_experts"] * 2 * CONFIG["moe_intermediate_size"]
    largest = experts * CONFIG["hidden_size"] * 4
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return [
        "accelerate ends in an error here: it has every parameter created in float32 before it "
        f"empties it, and the experts of one layer are one parameter of {largest / 1e9:.1f} GB; "
        f"this machine has {there / 1e9:.1f} GB of memory.",
        "",
    ]


def refusal_sentence(tool: str, told: Mapping[str, Told]) -> str:
    """Say of how many whole folders a tool ends in an error, where it can tell of no fault."""
    faults = find_folder_faults()
    whole = {name: one for name, one in told.items() if name not in faults}
    refused = sum(bool(one.status) for one in whole.values())
    return f"{tool} ends in an error on {refused} of the {len(whole)} whole folders."


def aim_sentence(times: Mapping[str, Sequence[Timing]]) -> str:
    """Say what the folders of full size took, whatever it is."""
    headers, whole = times[HEADERS][0], times[WHOLE][0]
    return (
        f"{'Met' if min(headers.processor) <= 0.5 else 'Missed'} for headers and configs, "
        f"{'met' if min(whole.processor) <= 3 else 'missed'} with tokenizer and template, by "
        f"seconds of computing. Measured: {min(headers.processor):.2f} s of computing, "
        f"{min(headers.wall):.2f} s by the clock and {headers.peak_mib:,.0f} MiB; "
        "with tokenizer and template "
        f"{min(whole.processor):.2f} s of computing, {min(whole.wall):.2f} s by the clock and "
        f"{whole.peak_mib:,.0f} MiB."
    )


def processor_name() -> str:
    """Return what the processor calls itself, or the architecture."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def main() -> None:
    """Measure and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", type=Path, default=Path(".cache/lab/bin/python"))
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    given.lab = given.lab.absolute()
    given.peers = given.peers.absolute() if given.peers else None
    find_checks()
    with tempfile.TemporaryDirectory() as scratch:
        text = page(*measure(Path(scratch), given), given)
    if given.write:
        given.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
