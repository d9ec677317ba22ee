"""Every GGUF file reaches as far as its tensors do.

Why: the header of a GGUF file states where each tensor lies. A download or a conversion that broke
off, or a full disk, leaves a file that ends before: "tensor 'output.weight' data is not within the
file bounds, model is corrupted or incomplete". Ollama says "unexpected EOF".

Fix: delete the file and fetch it again, or convert again with room on the disk.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.gguf_files import ggufs_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen
from firstmile.check.words_to_copy import fetched_again
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("gguf-file-is-a-pointer-or-incomplete",),
    references=("https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",),
)
_CUT: Final = "it ends within its header"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Hold each file's size against the end of its last tensor."""
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    verdicts = []
    read = 0
    for each in ggufs:
        ends = each.data_start + max((one.end for one in each.tensors), default=0)
        if each.problem is None:
            read += 1
        is_cut = each.problem is None and each.tensors and ends > each.size_bytes
        if is_cut or each.problem == _CUT:
            short = f"its tensors end at {ends:,}" if is_cut else _CUT
            verdicts.append(
                failed(
                    f"The file {each.path} is cut.",
                    seen(f"{each.size_bytes:,} bytes; {short}", file=each.path),
                    remedy=fetched_again(each.path),
                )
            )
    if not verdicts and not read:
        return not_known("the headers of the GGUF files")
    return verdicts or passed(f"{read} GGUF files reach as far as their tensors.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(size: int, problem: str | None = None) -> Snapshot:
        tensors = (Tensor("output.weight", "F32", (4, 4), 0, 64),) if problem is None else ()
        made = Gguf(
            path="model.gguf",
            size_bytes=size,
            version=3,
            metadata={},
            tensors=tensors,
            data_start=1024,
            problem=problem,
        )
        return world(folder(kind="gguf", ggufs=(made,)))

    yield Example(outcome=Outcome.PASS, snapshot=of(1088))
    yield Example(outcome=Outcome.PASS, snapshot=of(1120))
    yield Example(outcome=Outcome.FAIL, snapshot=of(1087), says="is cut")
    yield Example(outcome=Outcome.FAIL, snapshot=of(500, _CUT), says="is cut")
    old = of(500, "it does not begin as GGUF does")
    yield Example(outcome=Outcome.SKIP, snapshot=old, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no GGUF file")
