"""Data sets and studies small enough to know by heart."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from firstmile.redaction import VERSION
from firstmile.study.decisions import Decisions, LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.issues import Page, Record
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.publishing import (
    Dataset,
    DecidedBy,
    FailureRow,
    FunnelFacts,
    RaterDecision,
    RaterFacts,
    Versions,
)
from firstmile.study.settings import Settings
from firstmile.taxonomy import load_taxonomy

QUICK = Settings(permutations=99, bootstraps=200, noise_replicates=50)
"""Settings that draw little, since these tests are not about the figures."""

DAY = date(2026, 3, 1)

NASTY = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> [link](javascript:alert(3)) ![i](x) "
    '=HYPERLINK("http://evil.example") | cell | $x^2$ `code` **bold** &amp; https://evil.example '
    'www.evil.example \u202egnp.exe \x00 \x1b[31m \u2028 "quoted" \\ # head {{7*7}} \ud800'
)
"""What a title, a label or a name may hold at worst, on one line."""

LINES = "first\n---\nlicense: mit\n- item\n```\n</script>"
"""The same over several lines."""


def row(number: int = 1, **changes: Any) -> FailureRow:
    """Return a failure of a repository named by `repository`, owner/name unless given."""
    repository = changes.pop("repository", "owner/name")
    values: dict[str, Any] = {
        "issue": f"https://github.com/{repository}/issues/{number}",
        "repository": repository,
        "number": number,
        "symptom": "crash/cuda/out-of-memory",
        "cause": "hardware/gpu-memory",
        "stage": "inference",
        "status": "closed",
        "created": date(2025, 1, number % 28 + 1),
        "decided_by": DecidedBy.AGREED,
        "confidence": "sure",
        **changes,
    }
    return FailureRow(**values)


def decision(order: int, number: int, rater: str, **changes: Any) -> RaterDecision:
    """Return a labelling decision."""
    values: dict[str, Any] = {
        "order": order,
        "issue": f"https://github.com/owner/name/issues/{number}",
        "step": Step.LABEL,
        "rater": rater,
        "codebook": "1.0.0",
        "day": DAY,
        "symptom": "crash/cuda/out-of-memory",
        "cause": "hardware/gpu-memory",
        "stage": "inference",
        "confidence": "sure",
        **changes,
    }
    return RaterDecision(**values)


def dataset(**changes: Any) -> Dataset:
    """Return a data set of five failures in three repositories."""
    values: dict[str, Any] = {
        "name": "A small study",
        "question": "What fails?",
        "authors": ("Ada Example", "Ben Example"),
        "contact": "the maintainers of example.org",
        "license": "CC-BY-4.0",
        "url": "https://example.org/small",
        "published": date(2026, 4, 1),
        "collected": (date(2026, 2, 1), date(2026, 2, 3)),
        "rows": (
            row(1),
            row(2, symptom="hang/generation", cause="api/call-parameter", confidence="guess"),
            row(3, stage="fine-tuning", decided_by=DecidedBy.ADJUDICATED),
            row(4, repository="QwenLM/Qwen3", series="Qwen", version="Qwen3-8B", closed=DAY),
            row(5, repository="other/.github", status="open", decided_by=DecidedBy.SINGLE),
        ),
        "decisions": (
            decision(1, 1, "rater-1"),
            decision(2, 1, "rater-2"),
            decision(3, 3, "rater-1", stage="inference", suggested={"cause": "api"}),
            decision(4, 3, "rater-2", cannot_tell=("cause",), cause=None),
            decision(5, 3, "rater-1", step=Step.ADJUDICATE, stage="fine-tuning"),
        ),
        "raters": (
            RaterFacts(name="rater-1"),
            RaterFacts(name="rater-2", kind="model", model="some-model"),
        ),
        "funnel": (
            FunnelFacts(
                name="Keyword screen",
                entered=1200,
                left=1100,
                waiting=0,
                passed=100,
                reasons={"no-keyword": 1100},
            ),
            FunnelFacts(
                name="Reviewer screen",
                entered=100,
                left=90,
                waiting=5,
                passed=5,
                reasons={"question": 60, "feature-request": 30},
            ),
        ),
        "agreement": {
            "first": {
                "axes": [{"axis": "cause", "ac1": {"estimate": 0.5, "low": 0.2, "high": 0.8}}]
            }
        },
        "design": {"study": {"name": "A small study"}},
        "repositories": {"owner/name": 900, "QwenLM/Qwen3": 200, "other/.github": 100},
        "redactions": {"email": 12, "secret": 3},
        "codebook": load_taxonomy(),
        "versions": Versions(firstmile="0.1.0", codebook="1.0.0", redaction="1"),
        **changes,
    }
    return Dataset(**values)


TOML = """
[study]
name = "A study of engines"
question = "What fails?"
authors = ["Ada Example"]

[[sources]]
kind = "github"
repositories = ["owner/name"]
{source}
[[raters]]
name = "annegret"

[[raters]]
name = "bartholomew"

[publish]
contact = "https://example.org/contact"
"""


def issue_node(number: int, *, body: str = "", title: str = "") -> Mapping[str, Any]:
    """Return an issue as GitHub's GraphQL API says it; its words repeat no other's."""
    words = " ".join(f"w{number}o{place}" for place in range(40))
    return {
        "url": f"https://github.com/owner/name/issues/{number}",
        "title": title or f"CUDA error {words[:30]}",
        "body": body or f"It crashes: {words}",
        "state": "CLOSED",
        "createdAt": f"2025-01-{number:02d}T00:00:00Z",
        "closedAt": "2025-03-01T00:00:00Z",
        "author": {"login": "pseudonym-of-an-author"},
        "comments": {"totalCount": 0, "nodes": []},
    }


def make_folder(path: Path, nodes: Sequence[Mapping[str, Any]], *, source: str = "") -> StudyFolder:
    """Return a study that has collected and screened issues."""
    folder = make_study(path, TOML.replace("{source}", source))
    records = tuple(
        Record(repository="owner/name", number=int(node["url"].rsplit("/", 1)[1]), payload=node)
        for node in nodes
    )
    folder.archive.append(
        "github",
        Page(target="owner/name", records=records, state={}, done=True),
        records,
        fetched_at="2026-02-01T10:00:00Z",
        redaction=str(VERSION),
        redacted={"email": 2},
    )
    folder.store.refresh(folder.archive)
    screen_by_machine(folder)
    return folder


def decide(
    decisions: Decisions, number: int, step: Step, rater: str, *, because: str = "", **value: Any
) -> None:
    """Record a decision on an issue of owner/name (labels, or whether it stays in) and why."""
    labels = step in (Step.LABEL, Step.ADJUDICATE)
    decisions.append(
        f"https://github.com/owner/name/issues/{number}",
        step,
        rater,
        msgspec.convert(value, LabelValue) if labels else msgspec.convert(value, ScreenValue),
        codebook="1.0.0",
        at="2026-02-10T09:08:07Z",
        key=f"{number}-{step}-{rater}-{len(decisions.history())}",
        reason=because,
    )


LABELS = {
    "symptom": "crash/cuda/out-of-memory",
    "cause": "hardware/gpu-memory",
    "stage": "inference",
}


def label_all(decisions: Decisions, numbers: Sequence[int], **first: Any) -> None:
    """Let two raters screen, verify and label issues alike; `first` is added to one's labels."""
    for number in numbers:
        for rater in ("annegret", "bartholomew"):
            decide(decisions, number, Step.SCREEN, rater, include=True)
            decide(decisions, number, Step.VERIFY, rater, include=True)
        decide(decisions, number, Step.LABEL, "annegret", **LABELS, **first)
        decide(decisions, number, Step.LABEL, "bartholomew", **LABELS)
