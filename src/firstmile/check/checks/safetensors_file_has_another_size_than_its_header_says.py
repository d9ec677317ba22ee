"""Every safetensors file ends where its header says.

Why: the header states where each tensor ends. A download or a copy that broke off leaves a file
that is shorter, one that was resumed wrongly a file that is longer. Reading either stops with
"SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered",
after everything before it was read.

Fix: delete the file and fetch it again; `hf download` passes over a file that has the right name
and does not look at its content.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import fetched_again
from firstmile.check.worlds import folder, shard, world
from firstmile.facts.model_folder.folder import Shard
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/safetensors",
    entries=("safetensors-file-is-truncated", "download-does-not-have-the-expected-size"),
    references=("https://huggingface.co/docs/safetensors/main/en/metadata_parsing",),
)
_CUT: Final = ("its header states", "it is shorter than the length")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Hold each file's size against the end of its last tensor."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if not model.shards:
        why = model.why_not("shards")
        return not_known(why) if why else does_not_apply("the folder has no safetensors files")
    read = [one for one in model.shards if one.problem is None]
    cut = [one for one in model.shards if (one.problem or "").startswith(_CUT)]
    verdicts = [_in_the_header(one) for one in cut]
    for each in read:
        ends = each.header_bytes + max([one.end for one in each.tensors], default=0)
        if ends != each.size_bytes:
            verdicts.append(_differs(each, ends))
    if not verdicts and not read:
        return not_known("the headers of the safetensors files")
    return verdicts or passed(
        f"Each of {counted(len(read), 'safetensors file')} ends where its header says."
    )


def _differs(each: Shard, ends: int) -> Verdict:
    short = ends - each.size_bytes
    how = f"{short:,} bytes are missing" if short > 0 else f"{-short:,} bytes are too many"
    return failed(
        f"In {each.path} {how}.",
        seen(f"{each.size_bytes:,} bytes; its tensors end at {ends:,}", file=each.path),
        remedy=fetched_again(each.path),
    )


def _in_the_header(each: Shard) -> Verdict:
    return failed(
        f"The file {each.path} ends before its header does.",
        seen(f"{each.size_bytes:,} bytes; {each.problem}", file=each.path),
        remedy=fetched_again(each.path),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    tensors = {"model.norm.weight": ("BF16", (64,)), "lm_head.weight": ("BF16", (400, 64))}

    def of(size: int | None, problem: str | None = None) -> Snapshot:
        made = shard(tensors if problem is None else {}, size=size, problem=problem)
        return world(folder(shards=[made]))

    whole = 1000 + 128 + 51_200
    yield Example(outcome=Outcome.PASS, snapshot=of(None))
    yield Example(outcome=Outcome.PASS, snapshot=of(whole))
    yield Example(outcome=Outcome.FAIL, snapshot=of(whole - 1), says="1 bytes are missing")
    yield Example(outcome=Outcome.FAIL, snapshot=of(whole + 10), says="10 bytes are too many")
    stopped = "its header states 2,000 bytes, and the file has 1,500"
    yield Example(outcome=Outcome.FAIL, snapshot=of(1500, stopped), says="before its header")
    pointer = of(130, "it is a pointer of Git LFS")
    yield Example(outcome=Outcome.SKIP, snapshot=pointer, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
