"""Studies made up for the pages: an archive, a store, and raters with work to do."""

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from firstmile.study.decisions import LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.issues import Page, Record
from firstmile.taxonomy import load_taxonomy

DESIGN = """\
[study]
name = "First mile, small"

[[raters]]
name = "ada"

[[raters]]
name = "ben"
"""
AT = "2026-11-20T10:00:00Z"
CODEBOOK = load_taxonomy().version
NUMBERS = itertools.count(1)

LOG = "\n".join(
    [
        "INFO 11-02 10:11:12 Starting the engine",
        *(f"INFO 11-02 10:11:{13 + n % 40} Loading shard {n} of 60" for n in range(60)),
        "Traceback (most recent call last):",
        '  File "serve.py", line 41, in main',
        "    engine = Engine(model)",
        '  File "engine.py", line 207, in __init__',
        "    self.cache = allocate(blocks)",
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB",
        "INFO 11-02 10:12:01 Shutting down",
        *(f"INFO 11-02 10:12:{n:02d} Worker {n} has ended" for n in range(2, 20)),
    ]
)

REPORTS: Sequence[tuple[str, str, Sequence[tuple[str, str]]]] = (
    (
        "Engine dies while the cache is allocated on a 24 GB card",
        f"### What happened\n\nI start the server with the 14B model and it **dies**.\n\n"
        f"```text\n{LOG}\n```\n\n### Environment\n\n- driver 555\n- torch 2.9\n- one 24 GB card",
        (
            ("maintainer", "Does it start with `--gpu-memory-utilization 0.8`?"),
            ("someone", "With 0.8 and a length of 8192 it starts. Thanks!"),
        ),
    ),
    (
        "Output is only exclamation marks after a few tokens",
        "The answer starts well, then there is only `!!!!!!!!`.\n\nIt happens with fp16, "
        "not with bf16.\n![screenshot](https://example.org/shot.png)",
        (("maintainer", "The activations overflow in fp16. Use bf16."),),
    ),
    (
        "KeyError: 'qwen9' when the model is loaded",
        'Traceback (most recent call last):\n  File "load.py", line 3, in <module>\n'
        "  File \"auto.py\", line 99, in from_pretrained\nKeyError: 'qwen9'",
        (("someone", "pip install -U transformers cured it."),),
    ),
    (
        "Training hangs at the first all-reduce on two nodes",
        "Nothing is printed after `Initializing process group`. NCCL_DEBUG=INFO shows:\n\n"
        "```\nnode-1: NET/Socket : Using [0]docker0\nnode-2: NET/Socket : Using [0]eth0\n```",
        (("maintainer", "Set NCCL_SOCKET_IFNAME=eth0 on both nodes."),),
    ),
    (
        "模型加载失败：显存不足",
        "加载模型的时候报错了：\n\n```\nRuntimeError: CUDA error: out of memory\n```\n\n"
        "显卡是 8 GB 的。",
        (("maintainer", "请使用 4 bit 量化。"),),
    ),
    (
        "Tokenizer adds a second BOS and answers get worse",
        "The chat template already writes the BOS token, and the tokenizer adds another one.",
        (),
    ),
    (
        "safetensors header too large",
        "`SafetensorError: Error while deserializing header: HeaderTooLarge`\n\nThe file has "
        "134 bytes; it starts with `version https://git-lfs`.",
        (("someone", "You downloaded the pointer and not the file: run git lfs pull."),),
    ),
    (
        "Generation is ten times slower since the update",
        "| version | tokens/s |\n|---|---|\n| 1.2 | 41 |\n| 1.3 | 4 |\n\nSame card, same prompt.",
        (("maintainer", "The new build has no FlashAttention kernels for this card."),),
    ),
    (
        "LoRA training: loss is NaN from the second step",
        "```python\ntrainer = Trainer(model, lr=1e-2)\n```\nLoss: 2.31, nan, nan, nan.",
        (("maintainer", "1e-2 is far too high for LoRA."),),
    ),
    (
        "It never stops to talk",
        "The model answers, and goes on as the user, and answers again, up to the limit.",
        (("someone", "The eos token of generation_config.json was wrong."),),
    ),
    ("Crash", "![image](https://example.org/only-an-image.png)", ()),
    (
        "AssertionError: tensor model parallel group is not initialized",
        "I call the layer without the engine.\n\n    AssertionError: tensor model parallel group "
        "is not initialized\n",
        (),
    ),
)


def node(number: int, title: str, body: str, comments: Iterable[tuple[str, str]]) -> dict[str, Any]:
    entries = [
        {
            "author": {"login": who},
            "authorAssociation": "MEMBER" if who == "maintainer" else "NONE",
            "body": said,
            "createdAt": f"2025-04-{2 + place:02d}T08:00:00Z",
        }
        for place, (who, said) in enumerate(comments)
    ]
    return {
        "number": number,
        "title": title,
        "body": body,
        "state": "CLOSED" if entries else "OPEN",
        "author": {"login": "reporter"},
        "authorAssociation": "NONE",
        "createdAt": f"2025-03-{1 + number % 27:02d}T07:00:00Z",
        "labels": {"nodes": [{"name": "bug"}] if number % 2 else []},
        "comments": {"totalCount": len(entries), "nodes": entries},
    }


def url_of(number: int, repository: str = "acme/engine") -> str:
    return f"https://github.com/{repository}/issues/{number}"


def add_issues(
    folder: StudyFolder,
    reports: Sequence[tuple[str, str, Sequence[tuple[str, str]]]],
    *,
    repository: str = "acme/engine",
) -> list[str]:
    records = [
        Record(repository=repository, number=number, payload=node(number, *report))
        for number, report in enumerate(reports, 1)
    ]
    page = Page(target=repository, records=tuple(records), state={}, done=True)
    folder.archive.append("github", page, records, fetched_at=AT, redaction="1", redacted={})
    folder.store.refresh(folder.archive)
    return [url_of(record.number, repository) for record in records]


def make(
    path: Path,
    reports: Sequence[tuple[str, str, Sequence[tuple[str, str]]]] = REPORTS,
    *,
    design: str = DESIGN,
) -> StudyFolder:
    folder = make_study(path, design)
    add_issues(folder, reports)
    return folder


def include_all(folder: StudyFolder, *, steps: Sequence[Step] = (Step.SCREEN, Step.VERIFY)) -> None:
    """Have every rater include every issue, so that all wait for labels."""
    urls = folder.store.table(["url"]).column("url").to_pylist()
    with folder.decisions() as decisions:
        for step in steps:
            for rater in folder.design.people():
                for url in urls:
                    decisions.append(
                        url,
                        step,
                        rater,
                        ScreenValue(include=True),
                        codebook=CODEBOOK,
                        at=AT,
                        key=f"made {next(NUMBERS)}",
                    )


def label(
    folder: StudyFolder, url: str, rater: str, *, codebook: str = CODEBOOK, **value: Any
) -> None:
    """Record a rater's labels."""
    with folder.decisions() as decisions:
        decisions.append(
            url,
            Step.LABEL,
            rater,
            LabelValue(**value),
            codebook=codebook,
            at=AT,
            key=f"made {next(NUMBERS)}",
        )
