"""The installed safetensors knows the number types of the files.

Why: a release of safetensors refuses a whole file for one number type that came after it: "Error
while deserializing header: InvalidHeaderDeserialization", or "unknown variant `F8_E8M0`". Models
whose scales are powers of two (F8_E8M0: DeepSeek V3.1 and later, MXFP8) and packed 4-bit ones (F4)
need 0.6.1.

Fix: upgrade safetensors; no file has to be fetched again.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.model_folder.folder import Shard, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    references=("https://github.com/huggingface/safetensors/releases",),
)
_SINCE: Final = {
    "F8_E8M0": "0.6.1",
    "F4": "0.6.1",
    "F6_E2M3": "0.6.1",
    "F6_E3M2": "0.6.1",
    "C64": "0.7.0",
    "F8_E4M3FNUZ": "0.8.0",
}
"""The first release that reads a type: each was tried with a file of one tensor."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the types of the files up among those of the installed release."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    types: dict[str, str] = {}
    for shard in model.shards:
        for each in {tensor.dtype for tensor in shard.tensors}:
            types.setdefault(each, shard.path)
    if not types:
        return does_not_apply("no header of a safetensors file was read")
    mine = package_of(snapshot, "safetensors")
    if mine is None:
        return not_known("the installed safetensors")
    late = [each for each in types if each in _SINCE and older(mine.version, _SINCE[each])]
    if not late:
        return passed("The installed safetensors knows all number types.", installed(mine))
    needed = max((_SINCE[each] for each in late), key=lambda one: one.split("."))
    return failed(
        f"Safetensors {mine.version} refuses files with {', '.join(sorted(late))}.",
        *(seen(f"has tensors of {each}", file=types[each]) for each in sorted(late)),
        installed(mine),
        remedy=f'pip install -U "safetensors>={needed}"',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*types: str, release: str | None = "0.5.3") -> Snapshot:
        tensors = tuple(Tensor(f"t{at}", each, (1,), at, at) for at, each in enumerate(types))
        made = Shard(path="a.safetensors", size_bytes=9, header_bytes=9, tensors=tensors)
        packages = {} if release is None else {"safetensors": release}
        return world(folder(shards=[made]), machine(packages=packages))

    yield Example(outcome=Outcome.PASS, snapshot=of("BF16", "F8_E4M3"))
    yield Example(outcome=Outcome.PASS, snapshot=of("BF16", "F8_E8M0", release="0.6.1"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("BF16", "F8_E8M0"), says="F8_E8M0")
    yield Example(outcome=Outcome.FAIL, snapshot=of("C64", release="0.6.2"), says="C64")
    yield Example(outcome=Outcome.SKIP, snapshot=of("F4", release=None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
