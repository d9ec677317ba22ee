"""The header of every GGUF file is one that llama.cpp reads.

Why: files of before August 2023 (GGML, GGJT) and of version 1 are no longer read ("invalid magic
characters", "failed to read header"), nor are files of the other byte order, or those whose tensors
do not follow one another at the alignment that the header states ("failed to read tensor data").

Fix: fetch a newer GGUF of the model, or convert the original again with `convert_hf_to_gguf.py`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.gguf_files import ggufs_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("weight-file-is-in-an-old-ggml-format", "ollama-finds-an-invalid-file-magic"),
    references=("https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",),
)
_ELSEWHERE: Final = (
    *("it is a pointer", "it is a web page", "it is empty", "it ends within", "it is not a plain"),
    *("its header is longer", "firstmile"),
)
"""Problems of which other checks tell, or that are bounds of ours."""
_BIG_ENDIAN: Final = ("s390x", "ppc64", "ppc")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Say which headers cannot be read, and whose tensors do not follow one another."""
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    system = snapshot.environment.system if snapshot.environment else None
    machine_ = system.machine if system is not None else "x86_64"
    verdicts = []
    read = 0
    for each in ggufs:
        problem = each.problem
        if problem is not None and problem.startswith(_ELSEWHERE):
            continue
        read += 1
        problem = problem or _wrong(each)
        if problem is None and each.big_endian and machine_ not in _BIG_ENDIAN:
            problem = f"it is in the other byte order than {machine_} reads"
        if problem is not None:
            verdicts.append(
                failed(
                    f"The header of {each.path} is refused: {problem}.",
                    seen(problem, file=each.path),
                    remedy="Fetch a newer GGUF of the model, or convert the original again: "
                    "python convert_hf_to_gguf.py FOLDER",
                )
            )
    if not verdicts and not read:
        return not_known("the headers of the GGUF files")
    return verdicts or passed(f"The headers of {read} GGUF files hold together.")


def _wrong(each: Gguf) -> str | None:
    """Return what is wrong with the places of the tensors.

    Source: `gguf_init_from_reader` in ggml: each begins where the one before ends, rounded up to
    the alignment.
    """
    said = each.metadata.get("general.alignment", 32)
    alignment = said if isinstance(said, int) and said > 0 else 32
    at = 0
    names = set()
    for tensor in each.tensors:
        if tensor.name in names:
            return f"the tensor {tensor.name} is there twice"
        names.add(tensor.name)
        if tensor.dtype.startswith("type "):
            return None
        if tensor.start != at:
            return f"the tensor {tensor.name} begins at {tensor.start:,} instead of {at:,}"
        at = -(-tensor.end // alignment) * alignment
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*tensors: Tensor, problem: str | None = None, big: bool = False, **said: Any) -> Gguf:
        return Gguf(
            path="model.gguf",
            size_bytes=9_000,
            version=3,
            metadata={"general.alignment": said.get("alignment", 32)},
            tensors=tensors,
            data_start=1024,
            problem=problem,
            big_endian=big,
        )

    def one(made: Gguf, architecture: str = "x86_64") -> Snapshot:
        return world(folder(kind="gguf", ggufs=(made,)), machine(architecture=architecture))

    first = Tensor("a", "F32", (9,), 0, 36)
    good = of(first, Tensor("b", "F32", (4,), 64, 80))
    yield Example(outcome=Outcome.PASS, snapshot=one(good))
    wide = of(first, Tensor("b", "F32", (4,), 128, 144), alignment=128)
    yield Example(outcome=Outcome.PASS, snapshot=one(wide))
    shifted = of(first, Tensor("b", "F32", (4,), 96, 112))
    yield Example(outcome=Outcome.FAIL, snapshot=one(shifted), says="instead of 64")
    twice = of(first, Tensor("a", "F32", (4,), 64, 80))
    yield Example(outcome=Outcome.FAIL, snapshot=one(twice), says="twice")
    old = of(problem="it is of version 1, of which firstmile knows 2 and 3")
    yield Example(outcome=Outcome.FAIL, snapshot=one(old), says="version 1")
    other = of(first, big=True)
    yield Example(outcome=Outcome.FAIL, snapshot=one(other), says="byte order")
    yield Example(outcome=Outcome.PASS, snapshot=one(other, "s390x"))
    pointer = of(problem="it is a pointer of Git LFS")
    yield Example(outcome=Outcome.SKIP, snapshot=one(pointer), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no GGUF file")
