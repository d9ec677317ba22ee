"""The header of every safetensors file is one that safetensors accepts.

Why: safetensors refuses a header whose tensors overlap, leave holes, begin out of order, or take
other bytes than their shape and number type need ("InvalidOffset", "TensorInvalidInfo",
"MetadataIncompleteBuffer"), and one that is no JSON. Such a file comes from a faulty converter, a
disk that failed, or a hand that meant harm; no part of it is read.

Fix: fetch the file again. Where it is your own export, save it again with
`safetensors.torch.save_file` or `save_pretrained`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import fetched_again
from firstmile.check.worlds import folder, shard, world
from firstmile.facts.model_folder.folder import Shard, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/safetensors",
    entries=("safetensors-file-is-a-pointer-or-not-a-safetensors-file",),
    references=("https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs",),
)
_BITS: Final = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I8", "U8", "BOOL"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
"""Number types of safetensors 0.8 and their bits."""
_REFUSED: Final = ("its header is not the JSON", "its header states a length of")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Follow each file's tensors from the first byte to the last."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if not model.shards:
        why = model.why_not("shards")
        return not_known(why) if why else does_not_apply("the folder has no safetensors files")
    verdicts = []
    read = 0
    sizes: dict[tuple[str, tuple[int, ...]], int | None] = {}
    for each in model.shards:
        if each.problem is not None:
            if each.problem.startswith(_REFUSED):
                verdicts.append(_failed(each, each.problem))
            continue
        read += 1
        wrong = _wrong(each, sizes)
        if wrong is not None:
            verdicts.append(_failed(each, wrong))
    if not verdicts and not read:
        return not_known("the headers of the safetensors files")
    return verdicts or passed(f"The headers of {counted(read, 'safetensors file')} hold together.")


def _wrong(each: Shard, sizes: dict[tuple[str, tuple[int, ...]], int | None]) -> str | None:
    """Return what is wrong with a header; `sizes` keeps the bytes that shapes need."""
    tensors = each.tensors
    starts = [one.start for one in tensors]
    ends = [one.end for one in tensors]
    if starts != [0, *ends[:-1]]:
        tensors = tuple(sorted(tensors, key=_start))
    elif _all_fit(tensors, sizes):
        return None
    at = 0
    for tensor in tensors:
        if tensor.start != at or tensor.end < at:
            how = "leaves a hole before it" if tensor.start > at else "overlaps another"
            return f"{tensor.name} begins at {tensor.start:,} and {how}"
        at = tensor.end
        key = (tensor.dtype, tensor.shape)
        if key not in sizes:
            sizes[key] = _bits(*key)
        bits = sizes[key]
        if bits is not None and bits != 8 * (at - tensor.start):
            return (
                f"{tensor.name} of {list(tensor.shape)} in {tensor.dtype} needs {bits // 8:,} "
                f"bytes and has {at - tensor.start:,}"
            )
    return None


def _all_fit(
    tensors: Sequence[Tensor], sizes: dict[tuple[str, tuple[int, ...]], int | None]
) -> bool:
    """Say whether all tensors have the bytes that they need: headers repeat few kinds of them."""
    held = {(one.dtype, one.shape, one.end - one.start) for one in tensors}
    for dtype, shape, size in held:
        if (dtype, shape) not in sizes:
            sizes[dtype, shape] = _bits(dtype, shape)
        if size < 0 or sizes[dtype, shape] not in (None, 8 * size):
            return False
    return True


def _bits(dtype: str, shape: tuple[int, ...]) -> int | None:
    bits = _BITS.get(dtype)
    if bits is not None:
        for width in shape:
            bits *= width
    return bits


def _start(tensor: Tensor) -> tuple[int, int]:
    return tensor.start, tensor.end


def _failed(each: Shard, why: str) -> Verdict:
    return failed(
        f"The header of {each.path} is refused by safetensors.",
        seen(why, file=each.path),
        remedy=fetched_again(each.path),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*tensors: Tensor, problem: str | None = None) -> Snapshot:
        end = max((one.end for one in tensors), default=0)
        made = Shard(
            path="model.safetensors",
            size_bytes=1000 + end,
            header_bytes=1000,
            tensors=tensors,
            problem=problem,
        )
        return world(folder(shards=[made]))

    first = Tensor("a", "BF16", (4, 2), 0, 16)
    yield Example(outcome=Outcome.PASS, snapshot=of(Tensor("b", "F4", (3, 2), 16, 19), first))
    yield Example(outcome=Outcome.PASS, snapshot=of(first, Tensor("new", "F3_X", (5,), 16, 18)))
    empty = Tensor("none", "F32", (0, 8), 0, 0)
    yield Example(outcome=Outcome.PASS, snapshot=of(empty, first))
    hole = of(first, Tensor("b", "U8", (2,), 17, 19))
    yield Example(outcome=Outcome.FAIL, snapshot=hole, says="refused")
    over = of(first, Tensor("b", "U8", (2,), 14, 16))
    yield Example(outcome=Outcome.FAIL, snapshot=over, says="refused")
    short = of(Tensor("a", "F32", (4, 2), 0, 16))
    yield Example(outcome=Outcome.FAIL, snapshot=short, says="refused")
    no_json = of(problem="its header is not the JSON that safetensors writes")
    yield Example(outcome=Outcome.FAIL, snapshot=no_json)
    cut = of(problem="it is shorter than the length of a header")
    yield Example(outcome=Outcome.SKIP, snapshot=cut, says="not known")
    made = shard({}, path="model.bin")
    yield Example(outcome=Outcome.PASS, snapshot=world(folder(shards=[made])))
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
