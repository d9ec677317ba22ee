"""How fast the pages answer on a large study, over real HTTP, and what the index costs.

    python -m bench.pages [--issues N] [--folder FOLDER] [--write FILE]

makes a study with made-up issues (or takes the one that an earlier run left in FOLDER), builds its
store and index, serves it in a process of its own and asks for pages.
"""

import argparse
import datetime
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx
import numpy as np

import firstmile
from firstmile.study.decisions import ScreenValue, Step
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.issues import Page, Record
from firstmile.study.search_index import FILE, SearchIndex
from firstmile.study.search_words import full_text_query, indexed
from firstmile.study.searching import Search

REPOSITORIES: Final = 50
PAGE: Final = 2_000
ASKED: Final = 200
LIMIT_MS: Final = 200
DESIGN: Final = """\
[study]
name = "Half a million"

[[raters]]
name = "ada"

[[raters]]
name = "ben"
"""
ERRORS: Final = (
    "RuntimeError: CUDA error: out of memory",
    "ValueError: Tokenizer class does not exist",
    "KeyError: 'model.layers.0.self_attn.q_proj.weight'",
    "torch.distributed.DistBackendError: NCCL timeout",
    "AssertionError: head size is not supported",
)
CHINESE: Final = ("加载模型的时候显存不足", "推理速度很慢", "微调之后输出乱码", "分布式训练卡住了")


def paragraphs(count: int, *, seed: int = 1) -> list[str]:
    """Return made-up paragraphs whose words are as uneven as in real text (Zipf's law)."""
    generator = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(letters[generator.integers(0, 26, 3 + n % 8)]) for n in range(30_000)]
    made = []
    for _ in range(count):
        drawn = np.minimum(generator.zipf(1.2, 60), len(words)) - 1
        made.append(" ".join(words[place] for place in drawn))
    return made


def records(repository: str, first: int, count: int, pool: Sequence[str]) -> Iterator[Record]:
    """Yield made-up issues of a repository as an archive holds them."""
    generator = np.random.default_rng(first + sum(map(ord, repository)))
    for number in range(first, first + count):
        parts = [pool[place] for place in generator.integers(0, len(pool), 6)]
        error = ERRORS[int(generator.integers(len(ERRORS)))]
        chinese = CHINESE[number % len(CHINESE)] if generator.random() < 0.08 else ""
        day = datetime.date(2023, 1, 1) + datetime.timedelta(days=int(generator.integers(1400)))
        yield Record(
            repository=repository,
            number=number,
            payload={
                "title": f"{chinese} {parts[0][:60]} {number}",
                "body": f"{parts[1]}\n\n```\n{parts[2]}\n{error}\n```\n\n{parts[3]} {chinese}",
                "state": "OPEN" if generator.random() < 0.3 else "CLOSED",
                "author": {"login": f"u{int(generator.integers(90_000))}"},
                "createdAt": f"{day}T07:00:00Z",
                "labels": {"nodes": [{"name": ("bug", "usage", "stale")[number % 3]}]},
                "comments": {
                    "totalCount": 2,
                    "nodes": [{"body": parts[4]}, {"body": parts[5]}],
                },
            },
        )


def make(folder: Path, issues: int) -> StudyFolder:
    """Make a study of so many issues through the archive, as collecting does."""
    study = make_study(folder, DESIGN)
    pool = paragraphs(20_000)
    each = -(-issues // REPOSITORIES)
    for place in range(REPOSITORIES):
        name = f"made-up/repository-{place:02d}"
        for first in range(1, each + 1, PAGE):
            found = list(records(name, first, min(PAGE, each + 1 - first), pool))
            page = Page(target=name, records=tuple(found), state={}, done=True)
            study.archive.append(
                "github",
                page,
                found,
                fetched_at="2026-11-20T10:00:00Z",
                redaction="1",
                redacted={},
            )
    return study


def begin(study: StudyFolder, count: int) -> None:
    """Have both raters screen so many issues, so that the queues are not empty."""
    urls = study.store.table(["url"]).column("url").to_pylist()[:count]
    with study.decisions() as decisions:
        for place, url in enumerate(urls):
            for rater in ("ada", "ben"):
                decisions.append(
                    url,
                    Step.SCREEN,
                    rater,
                    ScreenValue(
                        include=place % 3 == 0, reason=None if place % 3 == 0 else "question"
                    ),
                    codebook="1",
                    at="2026-11-20T10:00:00Z",
                    key=f"bench {rater} {place}",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds that a page took to arrive, one a request."""

    what: str
    milliseconds: tuple[float, ...]

    def row(self) -> str:
        """Return a row of the table."""
        ordered = sorted(self.milliseconds)
        p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
        return (
            f"| {self.what} | {len(ordered)} | {median(ordered):.0f} | {p95:.0f} | "
            f"{ordered[-1]:.0f} | {'yes' if p95 < LIMIT_MS else 'NO'} |"
        )


def ask(what: str, request: Callable[[int], httpx.Response], *, times: int = ASKED) -> Latency:
    """Time requests, after a few that warm caches up."""
    taken = []
    for place in range(times + 3):
        started = time.perf_counter()
        answer = request(place)
        spent = (time.perf_counter() - started) * 1e3
        assert answer.status_code == 200, answer.text[:200]
        if place >= 3:
            taken.append(spent)
    return Latency(what=what, milliseconds=tuple(taken))


def ask_all(base: str, link: str, pool: Sequence[str], *, each: int) -> list[Latency]:
    """Time every kind of page."""
    client = httpx.Client(base_url=base, timeout=60, headers={"Origin": base})
    client.get(link, follow_redirects=True)
    words = [part.split()[place % 60] for place, part in enumerate(pool[:80])]
    rare = sorted(set(words), key=lambda word: -len(word))

    def issues(**query: Any) -> Callable[[int], httpx.Response]:
        return lambda place: client.get(
            "/issues",
            params={name: v(place) if callable(v) else v for name, v in query.items()},
        )

    def decide(place: int) -> httpx.Response:
        shown = client.get("/screen.json").json()["issue"]["url"]
        started = {"key": str(uuid.uuid4()), "issue": shown, "value": {"include": place % 2 == 0}}
        if place % 2:
            started["value"] = {"include": False, "reason": "question"}
        return client.post("/screen", json=started)

    def repository(place: int) -> str:
        return f"made-up/repository-{place % REPOSITORIES:02d}"

    return [
        ask("explorer, newest", issues()),
        ask("explorer, page 2 to 400", issues(page=lambda n: 2 + n * 37 % 399)),
        ask("explorer, one word", issues(words=lambda n: rare[n % len(rare)])),
        ask("explorer, a word in every issue", issues(words="error")),
        ask("explorer, two words", issues(words=lambda n: f"{words[n % 80]} {words[-n % 80]}")),
        ask("explorer, a phrase", issues(words='"head size is not supported"')),
        ask("explorer, Chinese, two characters", issues(words="显存")),
        ask("explorer, Chinese, a phrase", issues(words="输出乱码")),
        ask(
            "explorer, words and three facets",
            issues(words="memory", repository=repository, state="open", year="2024"),
        ),
        ask("explorer, a maintainers' label", issues(label="bug", state="open")),
        ask("explorer, place and repository", issues(place="to verify", repository=repository)),
        ask("an issue", lambda n: client.get(f"/issues/{repository(n)}/{1 + n * 47 % each}")),
        ask("screen, the next issue", lambda _n: client.get("/screen")),
        ask("screen, decide and get the next", decide),
        ask("verify, the next issue", lambda _n: client.get("/verify")),
        ask("label, nothing waits", lambda _n: client.get("/label")),
        ask("status", lambda _n: client.get("/"), times=20),
    ]


def compare_chinese(study: StudyFolder, *, issues: int = 20_000) -> list[str]:
    """Compare pairs with SQLite's three-letter grams on part of the store."""
    rows = []
    repositories = list(study.store.repositories())[: max(1, issues * REPOSITORIES // 500_000)]
    texts = [issue.thread for issue in study.store.issues(repositories=repositories)][:issues]
    for name, tokenizer, prepare in (
        ("pairs (used)", "unicode61 remove_diacritics 2", indexed),
        ("three-letter grams", "trigram", str),
    ):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "words.sqlite"
            connection = sqlite3.connect(path)
            connection.execute(
                f"CREATE VIRTUAL TABLE words USING fts5(body, content='', tokenize='{tokenizer}')"
            )
            started = time.perf_counter()
            with connection:
                connection.executemany(
                    "INSERT INTO words (rowid, body) VALUES (?, ?)",
                    ((n, prepare(text)) for n, text in enumerate(texts)),
                )
            seconds = time.perf_counter() - started
            found = []
            for wanted in ("显存", "显存不足"):
                query = full_text_query(wanted) if prepare is indexed else f'"{wanted}"'
                count = connection.execute(
                    "SELECT count(*) FROM words WHERE words MATCH ?", (query,)
                ).fetchone()[0]
                truth = sum(wanted in text for text in texts)
                found.append(f"{count:,} of {truth:,}")
            connection.close()
            size = path.stat().st_size / 1e6
        rows.append(f"| {name} | {seconds:.1f} | {size:.0f} | {found[0]} | {found[1]} |")
    return rows


def main() -> None:
    """Make, build, serve, ask, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=500_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary) / "study"
        if (folder / "study.toml").is_file():
            study = StudyFolder.open(folder)
        else:
            study = make(folder, options.issues)
        started = time.perf_counter()
        study.store.refresh(study.archive)
        storing = time.perf_counter() - started
        if not (folder / "decisions.sqlite").is_file():
            begin(study, min(3_000, options.issues // 10))
        (study.store.folder / FILE).unlink(missing_ok=True)
        index = SearchIndex(study.store.folder)
        started = time.perf_counter()
        index.refresh(study.store)
        building = time.perf_counter() - started
        assert index.search(Search()).total == len(study.store)
        page = written(study, storing, building)
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    print(page)


def written(study: StudyFolder, storing: float, building: float) -> str:
    """Serve the study, ask, and return the page of docs."""
    store = study.store.folder
    texts = sum(path.stat().st_size for path in store.glob("*.parquet")) / 1e6
    size = sum(path.stat().st_size for path in store.glob(FILE + "*")) / 1e6
    process = subprocess.Popen(
        [sys.executable, "-m", "firstmile", "serve", str(study.path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        started = time.perf_counter()
        assert process.stdout is not None
        link = ""
        while not link:
            found = re.search(r"ada\s+(http\S+)", process.stdout.readline())
            link = found[1] if found else ""
        starting = time.perf_counter() - started
        base = link.partition("/enter")[0]
        started = time.perf_counter()
        httpx.get(link, follow_redirects=True, timeout=120)
        latencies = ask_all(base, link, paragraphs(100), each=len(study.store) // REPOSITORIES)
        own = _own_mib(process.pid)
    finally:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        process.terminate()
        process.wait(30)
    lines = [
        "# How fast the pages answer",
        "",
        f"{len(study.store):,} made-up issues in {len(study.store.repositories())} repositories "
        f"({texts:,.0f} MB as Parquet; they repeat 20,000 paragraphs, which packs better than real "
        f"text). Storing them took {storing:,.0f} s (0: an earlier run had), indexing "
        f"{building:,.0f} s ({len(study.store) / building:,.0f} issues/s); the index takes "
        f"{size:,.0f} MB. The server answered {starting:.1f} s after its start and held "
        f"{own:,.0f} MiB of its own at the end.",
        "",
        f"Milliseconds over real HTTP from one client; the limit is {LIMIT_MS} for the slowest "
        "twentieth.",
        "",
        "| page | requests | median | 95% | most | within the limit |",
        "|---|---|---|---|---|---|",
        *(latency.row() for latency in latencies),
        "",
        "How Chinese is found, on a part of these issues: SQLite's three-letter grams miss words "
        "of two characters.",
        "",
        "| index | seconds | MB | 显存 found | 显存不足 found |",
        "|---|---|---|---|---|",
        *compare_chinese(study),
        "",
        f"Measured {datetime.datetime.now(datetime.UTC):%Y-%m-%d} by `python -m bench.pages` with "
        f"firstmile {firstmile.__version__}, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}, on {platform.machine()}.",
        "",
    ]
    return "\n".join(lines)


def _own_mib(pid: int) -> float:
    try:
        said = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return float("nan")
    found = re.search(r"RssAnon:\s+(\d+)", said)
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
