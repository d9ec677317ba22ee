"""Collect the same issues with firstmile and with Perceval from the same server; print a table.

    python -m bench.collecting [--write FILE] [--issues N] [--perceval PROGRAM]

The server is the one of the tests: it speaks GitHub's REST and GraphQL over invented issues and
runs as a process of its own on this machine, so that seconds hold its work too, and no distance
to GitHub. What carries over is the number of requests: GitHub allows 5,000 an hour.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import firstmile

ROOT = Path(__file__).parent.parent
REPOSITORY = "octo/engine"
TOKEN = "ghp_bench"
AN_HOUR = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run: what the server counted, and the seconds of the whole process: wall and own."""

    what: str
    requests: int
    bytes: int
    seconds: float
    own_seconds: float
    issues: int

    def line(self) -> str:
        """Return a row of the table."""
        hours = self.requests / AN_HOUR
        return (
            f"| {self.what} | {self.issues:,} | {self.requests:,} | {hours:.2f} | "
            f"{self.bytes / 1e6:.1f} | {self.seconds:.1f} | {self.own_seconds:.1f} |"
        )


@contextmanager
def served(issues: int) -> Iterator[str]:
    """Run the server and give its address."""
    command = [sys.executable, "-m", "tests.study.sources.github_server", "--limit", "10000000"]
    process = subprocess.Popen(
        [*command, "--issues", str(issues)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def counted(url: str) -> tuple[int, int]:
    """Return the requests and bytes that the server has counted."""
    with urllib.request.urlopen(f"{url}/control") as answer:
        found = json.load(answer)
    return found["requests"], found["bytes"]


def change(url: str, **order: object) -> None:
    """Change something on the server."""
    request = urllib.request.Request(
        f"{url}/control",
        json.dumps(order).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()


def timed(what: str, url: str, command: Sequence[str], issues: int) -> Row:
    """Run a command and say what it cost the server."""
    requests, received = counted(url)
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"FIRSTMILE_GITHUB_TOKENS": TOKEN},
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{output}")
    after = counted(url)
    return Row(
        what=what,
        requests=after[0] - requests,
        bytes=after[1] - received,
        seconds=seconds,
        own_seconds=usage.ru_utime + usage.ru_stime,
        issues=issues,
    )


def alone(url: str) -> None:
    """Collect with the source alone, and keep what it brings as Perceval does: as JSON lines."""
    from firstmile.study.sources import Collecting, find_source

    source = find_source("github")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIRSTMILE_GITHUB_API"] = url
        collecting = Collecting(folder=Path(folder), credentials=[TOKEN])
        with (Path(folder) / "items.jsonl").open("w", encoding="utf-8") as file:
            for brought in source.pages(REPOSITORY, None, collecting):
                for record in brought.records:
                    file.write(json.dumps(record.payload) + "\n")


def ours(url: str, scratch: Path, issues: int) -> list[Row]:
    """Collect a study: at first, with nothing new, after some changes, and in full."""
    study = scratch / "study"
    cli = [sys.executable, "-m", "firstmile", "study"]
    subprocess.run([*cli, "init", str(study)], check=True, capture_output=True)
    (study / "study.toml").write_text(
        f'[study]\nname = "bench"\n\n[[sources]]\nkind = "github"\n'
        f'repositories = ["{REPOSITORY}"]\n'
        f'api = "{url}"\n\n[[raters]]\nname = "first"\n',
        encoding="utf-8",
    )
    collect = [*cli, "collect", str(study), "--quiet"]
    by_itself = [sys.executable, "-m", "bench.collecting", "--alone", url]
    rows = [
        timed("firstmile's source alone", url, by_itself, issues),
        timed("`firstmile study collect`", url, collect, issues),
        timed("the same, nothing new", url, collect, 0),
    ]
    for _ in range(20):
        change(url, change="add", full=REPOSITORY, comments=3)
    rows.append(timed("the same, 20 new issues", url, collect, 20))
    rows.append(timed("the same with `--full`", url, [*collect, "--full"], 0))
    return rows


def theirs(url: str, program: str, scratch: Path, issues: int) -> list[Row]:
    """Collect with Perceval: at first, and from the time of the newest change on."""
    owner, name = REPOSITORY.split("/")
    command = [program, "github", owner, name, "--enterprise-url", url, "-t", TOKEN]
    command += ["--category", "issue", "--filter-classified", "--no-archive", "--json-line"]
    out = scratch / "perceval.jsonl"
    first = timed("`perceval github`", url, [*command, "-o", str(out)], issues)
    items = [json.loads(line)["data"] for line in out.read_text(encoding="utf-8").splitlines()]
    found = [item for item in items if "pull_request" not in item]
    if len(found) != issues:
        raise SystemExit(f"Perceval found {len(found)} issues, not {issues}")
    newest = max(item["updated_at"] for item in items)
    again = [*command, "--from-date", newest, "-o", str(out)]
    return [first, timed("the same from the newest change on", url, again, 0)]


def page(rows: Sequence[Row], note: str) -> str:
    """Return the table in Markdown."""
    today = datetime.now(tz=UTC).date().isoformat()
    return "\n".join(
        [
            "<!-- Generated by `python -m bench.collecting`; do not edit. -->",
            "",
            "# Collecting from GitHub",
            "",
            f"{today}, firstmile {firstmile.__version__}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores. Both collect issues with all comments from the same server "
            "on the same machine, over one connection each; seconds are those of the whole "
            "process, on the wall (which hold the server's work) and of its own computing. "
            "`firstmile study collect` redacts, archives and stores too. "
            f"{note}",
            "",
            "| what | issues | requests | hours of one token's limit | MB received | wall s "
            "| own s |",
            "|---|---|---|---|---|---|---|",
            *(row.line() for row in rows),
            "",
        ]
    )


def main() -> None:
    """Measure, print and perhaps write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--issues", type=int, default=5_000)
    parser.add_argument(
        "--perceval", default=os.environ.get("FIRSTMILE_PERCEVAL") or shutil.which("perceval")
    )
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        alone(options.alone)
        return
    with tempfile.TemporaryDirectory() as folder, served(options.issues) as url:
        scratch, rows = Path(folder), list[Row]()
        note = "Perceval was not installed, so it is not compared."
        if options.perceval:
            version = subprocess.run(
                [options.perceval, "--version"], capture_output=True, text=True, check=True
            )
            note = f"Perceval is {version.stdout.split()[-1]}, unmodified, without data of users."
            rows += theirs(url, options.perceval, scratch, options.issues)
        text = page([*ours(url, scratch, options.issues), *rows], note)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
