"""The index of the weights names every file of its set, and every tensor in them.

Why: transformers reads the files that the index names and no others. An index that was saved for
part of the model, or that belongs to another export, makes it fill the rest with random numbers;
it says so in a warning, loads, and writes nonsense. An index that names tensors which no file
holds has the same end. A tensor that stands in one of its files and not in the index is read all
the same, since files are read whole; only releases from 4.50 to 4.57 leave it random.

Fix: fetch index and shards of the same revision, or write them anew with `save_pretrained`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.installed import installed, installed_release, package_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.weight_files import folder_of, some, stored, weights_that_load
from firstmile.check.worlds import LLAMA, folder, machine, shard, world
from firstmile.facts.model_folder.folder import ModelFolder, Shard, ShardIndex
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/other-file",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/big_models",),
)
_PART: Final = re.compile(r"(.{1,100})-(\d{5})-of-(\d{5})\.safetensors")
_LEAVES_RANDOM: Final = (4, 50)
_READS_AGAIN: Final = (5, 0)
"""Seen: 4.46, 4.48 and 4.49 load such a tensor, 4.50, 4.51, 4.53 and 4.57 do not, 5.0 does."""
_REMEDY: Final = "hf download OWNER/NAME --include '*.safetensors*' --local-dir FOLDER"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Hold the index against the names of files and the headers."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    taken = weights_that_load(model)
    index = model.index
    if index is None or taken is None or taken.index != index.path or taken.pickled:
        return does_not_apply("no index of safetensors files is read")
    parts = _left_out_parts(taken.paths)
    if parts:
        return failed(
            f"The index names {counted(len(taken.paths), 'file')}, and the names count to more.",
            seen(f"it does not name {some(parts)}", file=index.path),
            remedy=_REMEDY,
        )
    held = stored(model)
    if held.unread is not None:
        return not_known(f"all tensors: {held.unread}")
    verdicts = []
    if held.is_as_indexed or (not held.twice and held.tensors.keys() == index.weight_map.keys()):
        count = f"{counted(len(index.weight_map), 'tensor')} in {counted(len(taken.paths), 'file')}"
        return passed(f"Index and headers agree: {count}.", seen(count, file=index.path))
    absent = sorted(index.weight_map.keys() - held.tensors.keys())
    if absent:
        verdicts.append(
            failed(
                f"The index names {counted(len(absent), 'tensor')} that no file holds: "
                f"{some(absent)}.",
                seen(some(absent), file=index.path),
                remedy=_REMEDY,
            )
        )
    unnamed = sorted(held.tensors.keys() - index.weight_map.keys())
    if unnamed:
        verdicts.append(_unnamed(snapshot, index, unnamed))
    if held.twice:
        verdicts.append(
            warned(
                f"{counted(len(held.twice), 'tensor stands', 'tensors stand')} in two files; "
                "that read last counts.",
                seen(some(held.twice), file=index.path),
                remedy=_REMEDY,
            )
        )
    return verdicts


def _left_out_parts(paths: Sequence[str]) -> list[str]:
    """Return parts of sets, as their names count them, that are not among some."""
    here = set(paths)
    found = []
    for name, _, count in {
        (part[1], "", int(part[3])) for path in paths if (part := _PART.fullmatch(path))
    }:
        if count > 2 * len(here) + 100:
            continue
        places = range(1, count + 1)
        found += [f"{name}-{place:05}-of-{count:05}.safetensors" for place in places]
    return [path for path in found if path not in here]


def _unnamed(snapshot: Snapshot, index: ShardIndex, names: list[str]) -> Verdict:
    mine = package_of(snapshot, "transformers")
    release = installed_release(snapshot, "transformers")
    proof = seen(some(names), file=index.path)
    many = counted(len(names), "tensor stands", "tensors stand")
    text = f"{many} in the files and not in the index: {some(names)}."
    if mine is not None and release is not None and _LEAVES_RANDOM <= release < _READS_AGAIN:
        return failed(f"{text} They are left random.", proof, installed(mine), remedy=_REMEDY)
    more = "" if mine is None else f" transformers {mine.version} reads them all the same."
    return warned(f"{text}{more}", proof, remedy=_REMEDY)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    names = [f"model-{place:05}-of-00002.safetensors" for place in (1, 2)]

    def of(weights: dict[str, int], held: tuple[tuple[str, ...], ...]) -> ModelFolder:
        shards: list[Shard] = [
            shard(dict.fromkeys(tensors, ("BF16", (8, 8))), path=path)
            for path, tensors in zip(names, held, strict=False)
        ]
        mapped = {name: names[place] for name, place in weights.items()}
        index = ShardIndex(path="model.safetensors.index.json", weight_map=mapped, total_size=None)
        return folder(config=LLAMA, shards=shards, index=index)

    good = of({"a": 0, "b": 1}, (("a",), ("b",)))
    yield Example(outcome=Outcome.PASS, snapshot=world(good))
    swapped = of({"a": 1, "b": 0}, (("a",), ("b",)))
    yield Example(outcome=Outcome.PASS, snapshot=world(swapped))
    half = of({"a": 0}, (("a",), ("b",)))
    yield Example(outcome=Outcome.FAIL, snapshot=world(half), says="count to more")
    absent = of({"a": 0, "b": 1, "c": 1}, (("a",), ("b",)))
    yield Example(outcome=Outcome.FAIL, snapshot=world(absent), says="no file holds: c")
    more = of({"a": 0, "b": 1}, (("a",), ("b", "c")))
    yield Example(outcome=Outcome.WARN, snapshot=world(more), says="not in the index: c")
    for version, outcome, says in (
        ("4.49.0", Outcome.WARN, "4.49.0 reads them"),
        ("4.50.3", Outcome.FAIL, "left random"),
        ("4.57.1", Outcome.FAIL, "left random"),
        ("5.0.0", Outcome.WARN, "5.0.0 reads them"),
    ):
        there = machine(packages={"transformers": version, "torch": "2.8.0"})
        yield Example(outcome=outcome, snapshot=world(more, there), says=says)
    double = of({"a": 0, "b": 1}, (("a",), ("a", "b")))
    yield Example(outcome=Outcome.WARN, snapshot=world(double), says="in two files")
    lost = of({"a": 0, "b": 1}, (("a",),))
    yield Example(outcome=Outcome.SKIP, snapshot=world(lost), says="1 of 2 files is missing")
    single = folder(config=LLAMA, shards=[shard({"a": ("BF16", (8, 8))})])
    yield Example(outcome=Outcome.SKIP, snapshot=world(single), says="no index")
