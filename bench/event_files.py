"""Time the reading of GH Archive's hour files, redaction included; print a table in Markdown.

    python -m bench.event_files [--events N] [--files N]

The files are synthetic and the same on every run: events of 5.4 kB in the mix of kinds that hour
files have, of which 0.1%, 1%, 10% or all are about the studied repository. A process of its own
measures each share: events a second of CPU time on one core, and of wall time on all cores.
"""

import argparse
import datetime
import gc
import gzip
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import firstmile
from firstmile.rendering.files import write_whole
from firstmile.study.privacy import Pseudonyms, protect
from firstmile.study.sources import _event_files, gh_archive
from firstmile.study.sources._files import Wanted
from firstmile.study.sources.finding import Collecting

SHARES = (0.001, 0.01, 0.1, 1.0)
STUDIED = "engine/studied"
EVENT_BYTES = 5_400
TEMPLATES = 1_500
MIX = (("PushEvent", 0.62), ("CreateEvent", 0.12), ("PullRequestEvent", 0.13), ("Other", 0.13))
SENTENCE = (
    "the model server does not start after an update and prints this error when loading weights "
    "with tensor parallel size two on our machine while single card works fine please advise how "
    "memory cache attention kernel version driver install build from source wheel batch token"
)
WORDS = tuple(SENTENCE.split())
LOG = (
    '  File "/home/{name}/env/lib/python3.11/site-packages/engine/worker.py", line {n}, in load',
    "INFO 03-04 05:06:{n} [loader.py:{n}] loading weights took {n}.25 seconds",
    "RuntimeError: CUDA out of memory. Tried to allocate {n}.00 MiB (GPU 0; 23.69 GiB total)",
    "nvidia-cublas-cu12=={n}.1.3.1",
    "(RayWorker pid={n}, ip=10.0.{n}.7) WARNING [config.py:{n}] dtype is float16",
    "{name}@gpu-{n}:~/engine$ python -m engine.serve --model some/model --port 8000",
)


def text(draw: random.Random, size: int) -> str:
    """Return prose with a log in it, as reports of failures are."""
    lines: list[str] = []
    while sum(map(len, lines)) < size:
        if draw.random() < 0.5:
            lines.append(" ".join(draw.choices(WORDS, k=draw.randint(6, 18))))
        else:
            line = draw.choice(LOG)
            lines.append(line.format(n=draw.randint(10, 59), name=f"dev{draw.randint(1, 999)}"))
    return "\n".join(lines)[:size]


def account(draw: random.Random) -> dict[str, Any]:
    """Return an account with the addresses that the API repeats in every one."""
    login = f"dev{draw.randint(1, 99_999)}"
    base = f"https://api.github.com/users/{login}"
    kinds = ("followers", "following", "gists", "starred", "organizations", "repos", "events")
    return {
        "login": login,
        "id": draw.randint(1, 10**8),
        "node_id": f"MDQ6VXNlcj{draw.randint(1, 10**6)}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{draw.randint(1, 10**8)}?v=4",
        "gravatar_id": "",
        "url": base,
        "html_url": f"https://github.com/{login}",
        **{f"{kind}_url": f"{base}/{kind}" for kind in kinds},
        "type": "User",
        "site_admin": False,
    }


def issue_event(draw: random.Random, repository: str) -> dict[str, Any]:
    """Return an event about an issue, half of them comments."""
    number = draw.randint(1, 9_999)
    base = f"https://api.github.com/repos/{repository}/issues/{number}"
    payload: dict[str, Any] = {
        "action": draw.choice(("opened", "closed", "reopened")),
        "issue": {
            "url": base,
            "repository_url": f"https://api.github.com/repos/{repository}",
            **{f"{kind}_url": f"{base}/{kind}" for kind in ("labels", "comments", "events")},
            "html_url": f"https://github.com/{repository}/issues/{number}",
            "id": draw.randint(1, 10**9),
            "node_id": f"I_kwDO{draw.randint(1, 10**9)}",
            "number": number,
            "title": " ".join(draw.choices(WORDS, k=9)),
            "user": account(draw),
            "labels": [{"id": 1, "name": "bug", "color": "d73a4a", "default": True}],
            "state": "open",
            "locked": False,
            "assignee": None,
            "comments": draw.randint(0, 9),
            "created_at": "2024-03-04T05:06:07Z",
            "updated_at": f"2024-03-04T05:06:{draw.randint(10, 59)}Z",
            "author_association": "NONE",
            "reactions": {"url": f"{base}/reactions", "total_count": 0, "+1": 0, "heart": 0},
            "body": text(draw, 1_400),
        },
    }
    kind = "IssuesEvent"
    if draw.random() < 0.5:
        kind = "IssueCommentEvent"
        payload["action"] = "created"
        payload["comment"] = {
            "url": f"{base}/comments/1",
            "id": draw.randint(1, 10**9),
            "user": account(draw),
            "created_at": "2024-03-04T05:06:07Z",
            "updated_at": "2024-03-04T05:06:07Z",
            "author_association": "MEMBER",
            "body": text(draw, 500),
        }
    return _event(draw, kind, repository, payload, "body", payload["issue"])


def other_event(draw: random.Random) -> dict[str, Any]:
    """Return an event that is not about an issue."""
    kind = draw.choices([name for name, _ in MIX], [share for _, share in MIX])[0]
    commits = [
        {
            "sha": f"{draw.getrandbits(160):040x}",
            "author": {"email": "dev@example.org", "name": "dev"},
            "message": " ".join(draw.choices(WORDS, k=12)),
            "url": f"https://api.github.com/repos/a/b/commits/{draw.getrandbits(160):040x}",
        }
        for _ in range(draw.randint(1, 6))
    ]
    payload = {"ref": "refs/heads/main", "commits": commits, "text": ""}
    return _event(draw, kind, f"team{draw.randint(1, 9_999)}/work", payload, "text", payload)


def _event(
    draw: random.Random,
    kind: str,
    repository: str,
    payload: dict[str, Any],
    filled: str,
    holder: dict[str, Any],
) -> dict[str, Any]:
    event = {
        "id": "ID",
        "type": kind,
        "actor": account(draw),
        "repo": {"id": 1, "name": repository, "url": f"https://api.github.com/repos/{repository}"},
        "payload": payload,
        "public": True,
        "created_at": "2024-03-04T05:06:07Z",
    }
    missing = EVENT_BYTES - len(json.dumps(event))
    if missing > 0:
        holder[filled] += text(draw, missing)
    return event


def lines(draw: random.Random, events: int, share: float) -> Iterator[bytes]:
    """Yield events as lines; a tenth of those that are not kept are about other issues."""

    def encoded(event: dict[str, Any]) -> tuple[bytes, bytes]:
        head, _, tail = json.dumps(event, separators=(",", ":")).encode().partition(b'"ID"')
        return head, tail

    kept = [encoded(issue_event(draw, STUDIED)) for _ in range(TEMPLATES)]
    passed = [
        encoded(issue_event(draw, f"team{n}/other") if n % 10 == 0 else other_event(draw))
        for n in range(TEMPLATES)
    ]
    for number in range(events):
        head, tail = draw.choice(kept if draw.random() < share else passed)
        yield b'%s"%d"%s\n' % (head, 40_000_000_000 + number, tail)


def write_files(folder: Path, *, files: int, events: int, share: float) -> int:
    """Write hour files; return the bytes they unpack to."""
    size = 0
    for hour in range(files):
        draw = random.Random(hour)
        with gzip.open(folder / f"2024-03-04-{hour}.json.gz", "wb", 1) as file:
            for line in lines(draw, events, share):
                size += file.write(line)
    return size


def measure(folder: Path, *, files: int, events: int, share: float) -> dict[str, float]:
    """Measure one share of hits: scanning alone, scanning and protecting, and all cores."""
    size = write_files(folder, files=files, events=events, share=share)
    paths = sorted(folder.glob("*.json.gz"))
    wanted = Wanted(repositories=frozenset({STUDIED}))
    order = _event_files.Order(
        path=str(paths[0]), name="first", spool=str(folder / "spool"), wanted=wanted
    )
    gc.collect()
    started = time.process_time()
    found = _event_files.scan(order)
    scanning = time.process_time() - started
    (folder / "spool").unlink()

    options = {"files": ["2024-03-04-0.json.gz"], "repositories": [STUDIED]}
    started = time.process_time()
    kept_bytes, protecting = through_a_study(Collecting(folder=folder, options=options))
    reading = time.process_time() - started

    options = {"files": ["*.json.gz"], "repositories": [STUDIED]}
    began = time.perf_counter()
    through_a_study(Collecting(folder=folder, options=options))
    wall = time.perf_counter() - began
    return {
        "kept": found.kept / events,
        "scan": events / scanning,
        "read": events / reading,
        "cores": files * events / wall,
        "protect": kept_bytes / 1e6 / protecting if protecting else 0.0,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "size": size / (files * events),
    }


def through_a_study(collecting: Collecting) -> tuple[int, float]:
    """Read and protect as collecting does; return the bytes protected and CPU seconds for it."""
    pseudonyms, size, seconds = Pseudonyms(b"bench"), 0, 0.0
    for target in gh_archive.targets(collecting):
        for page in gh_archive.pages(target, None, collecting):
            size += page.bytes
            started = time.process_time()
            for record in page.records:
                protect(record.payload, pseudonyms)
            seconds += time.process_time() - started
    return size, seconds


def main() -> None:
    """Measure each share in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--files", type=int, default=2)
    parser.add_argument("--share", type=float)
    parser.add_argument("--write", type=Path, metavar="FILE")
    given = parser.parse_args()
    if given.share is not None:
        folder = Path(tempfile.mkdtemp(prefix="event-files-"))
        try:
            found = measure(folder, files=given.files, events=given.events, share=given.share)
            print(json.dumps(found))
        finally:
            shutil.rmtree(folder)
        return
    rows = []
    for share in SHARES:
        command = [sys.executable, "-m", "bench.event_files", "--share", str(share)]
        command += ["--events", str(given.events), "--files", str(given.files)]
        rows.append(json.loads(subprocess.check_output(command)))
    lines = [
        "<!-- Generated by `python -m bench.event_files --write`; do not edit. -->",
        "",
        "# Hour files of GH Archive",
        "",
        f"Hour files of {given.events:,} events, {rows[0]['size'] / 1000:.1f} kB each, packed; "
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, firstmile {firstmile.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores. Scanning copies out what is "
        "wanted; collecting also parses, redacts and pseudonymizes it. A study of some "
        "repositories keeps far less than a thousandth of what all of GitHub does.",
        "",
        "| kept | scanned, events/s a core | collected, events/s a core | collected, events/s on "
        "all cores | protected, MB/s | peak MiB |",
        "|---|---|---|---|---|---|",
        *(
            f"| {row['kept']:.1%} | {row['scan']:,.0f} | {row['read']:,.0f} | {row['cores']:,.0f} "
            f"| {row['protect']:.1f} | {row['peak']:,.0f} |"
            for row in rows
        ),
        "",
    ]
    if given.write:
        write_whole(given.write, "\n".join(lines))
    else:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
