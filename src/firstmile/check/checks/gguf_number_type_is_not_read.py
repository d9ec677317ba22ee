"""The tensors of GGUF files are of number types that llama.cpp reads.

Why: a number type that a release does not know stops it: "tensor 'blk.0.attn_q.weight' has invalid
ggml type 99". Types that were made for one processor (Q4_0_4_4, Q4_0_4_8, Q4_0_8_8, IQ4_NL_4_4)
were taken out again, because Q4_0 is now repacked while it is loaded; forks such as ik_llama.cpp
have types of their own.

Fix: take a Q4_0 file in place of the former; upgrade llama.cpp, or use the fork, for the others.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.gguf_files import ggufs_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    entries=("gguf-tensors-are-not-what-the-engine-expects",),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/ggml/include/ggml.h",),
)
_TAKEN_OUT: Final = {
    **dict.fromkeys(("Q4_0_4_4", "Q4_0_4_8", "Q4_0_8_8"), "Q4_0"),
    **dict.fromkeys(("IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8"), "IQ4_NL"),
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for types that were taken out, and for unknown ones."""
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    verdicts = []
    read = [one for one in ggufs if one.problem is None]
    for each in read:
        types: dict[str, str] = {}
        for tensor in each.tensors:
            types.setdefault(tensor.dtype, tensor.name)
        for kind, name in types.items():
            proof = seen(f"{name} is of {kind}", file=each.path)
            if kind in _TAKEN_OUT:
                verdicts.append(
                    failed(
                        f"The number type {kind} of {each.path} was taken out of llama.cpp.",
                        proof,
                        remedy=f"Take the {_TAKEN_OUT[kind]} file of the same model.",
                    )
                )
            elif kind.startswith("type "):
                verdicts.append(
                    warned(
                        f"A number type of {each.path} is not known here ({kind}).",
                        proof,
                        remedy="Upgrade llama.cpp (or Ollama) to the newest release; the file may "
                        "also be of a fork.",
                    )
                )
    if not verdicts and not read:
        return not_known("the headers of the GGUF files")
    return verdicts or passed("All number types of the GGUF files are read by llama.cpp.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(kind: str) -> Snapshot:
        tensors = (
            Tensor("output_norm.weight", "F32", (32,), 0, 128),
            Tensor("blk.0.attn_q.weight", kind, (32, 32), 128, 704),
        )
        made = Gguf(
            path="model.gguf",
            size_bytes=9_000,
            version=3,
            metadata={},
            tensors=tensors,
            data_start=1024,
        )
        return world(folder(kind="gguf", ggufs=(made,)))

    yield Example(outcome=Outcome.PASS, snapshot=of("Q4_K"))
    yield Example(outcome=Outcome.PASS, snapshot=of("MXFP4"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("Q4_0_4_4"), says="taken out")
    yield Example(outcome=Outcome.WARN, snapshot=of("type 152"), says="not known here")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no GGUF file")
