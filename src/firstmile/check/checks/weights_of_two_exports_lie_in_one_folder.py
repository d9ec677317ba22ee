"""The folder holds one set of weights, not two of which the wrong one may be read.

Why: where both are there, transformers takes `model.safetensors` and passes over the index with
its shards; vLLM takes the files that the index names. A model that was saved into the folder of
another one is then answered for by the old weights in one of them. Two sets of shards
("-of-00004", "-of-00015") after an export with another shard size have only one index. Pickled
copies of the same weights are not read at all, and double the download.

Fix: delete the set that is not meant; fetch with `--exclude "*.bin" "original/*"`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    passed,
    seen,
    warned,
)
from firstmile.check.weight_files import INDEX, SINGLE, folder_of, some, weights_that_load
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import LLAMA, file, folder, shard, world
from firstmile.facts.model_folder.folder import ModelFolder, Shard, ShardIndex
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/capability-degradation",
    cause="corruption/other-file",
    entries=("tuned-model-answers-like-the-base-model",),
    references=("https://huggingface.co/docs/huggingface_hub/en/guides/download",),
)
_PART: Final = re.compile(r"model-\d{5}-of-(\d{5})\.safetensors")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for a second set beside the one that is read."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    taken = weights_that_load(model)
    if taken is None:
        return does_not_apply("the folder has no weights that are looked for")
    index = model.index
    if SINGLE in taken.paths and index is not None and index.path == INDEX:
        named = sorted(set(index.weight_map.values()))
        there = [path for path in named if model.file(path) is not None and path != SINGLE]
        if there:
            return _both(model, there)
    used = set(taken.paths)
    sets = {
        found[1]: one.path
        for one in model.files
        if (found := _PART.fullmatch(one.path)) and one.path not in used
    }
    if sets:
        others = sorted(
            one.path for one in model.files if _PART.fullmatch(one.path) and one.path not in used
        )
        return warned(
            f"{counted(len(others), 'shard lies', 'shards lie')} in the folder that no load reads: "
            f"{some(others, 2)}.",
            seen(f"read: {some(taken.paths, 2)}"),
            seen(f"not read: {some(others, 2)}"),
            remedy=f"Delete {some(list(map(file_word, others)), 2)}, unless they are the ones "
            "that are meant.",
        )
    pickles = [
        one
        for one in model.files
        if one.path.startswith("pytorch_model") and one.path.endswith(".bin")
    ]
    if pickles and not taken.pickled:
        size = sum(one.size_bytes for one in pickles)
        if size > GIB:
            return warned(
                f"Beside the safetensors lie {size / GIB:.0f} GiB of pickles that are not read.",
                seen(some([one.path for one in pickles], 2)),
                remedy='hf download OWNER/NAME --exclude "*.bin" "*.pth", and delete them here.',
            )
    return passed("One set of weights is in the folder.", seen(some(taken.paths, 2)))


def _both(model: ModelFolder, there: list[str]) -> Verdict:
    proof = (
        seen("is read by transformers", file=SINGLE),
        seen(f"names {some(there, 2)}, which vLLM reads", file=INDEX),
    )
    remedy = f"Delete {SINGLE}, or {INDEX} with its shards: the set that is not meant."
    shards = {one.path: one for one in model.shards}
    single = shards.get(SINGLE)
    parts = [shards[path] for path in there if path in shards]
    if single is None or single.problem or not parts or any(one.problem for one in parts):
        return warned("Two sets of weights are in the folder.", *proof, remedy=remedy)
    if _shapes(single) == _shapes(*parts):
        return warned(
            "The same weights are in the folder twice, if nobody changed one of them.",
            *proof,
            remedy=remedy,
        )
    return failed("Two different sets of weights are in the folder.", *proof, remedy=remedy)


def _shapes(*shards: Shard) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {one.name: (one.dtype, one.shape) for shard in shards for one in shard.tensors}


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    part = "model-00001-of-00001.safetensors"

    def of(single: str | None, parts: str | None, *files: str, gib: float = 4) -> Snapshot:
        shards = []
        if single is not None:
            shards.append(shard({single: ("BF16", (4, 4))}))
        index = None
        if parts is not None:
            shards.append(shard({parts: ("BF16", (4, 4))}, path=part))
            index = ShardIndex(path=INDEX, weight_map={parts: part}, total_size=None)
        listed = [file(path, int(gib * GIB)) for path in files]
        return world(folder(config=LLAMA, shards=shards, index=index, files=listed))

    yield Example(outcome=Outcome.PASS, snapshot=of("a", None))
    yield Example(outcome=Outcome.PASS, snapshot=of(None, "a"))
    mistral = of(None, "a", "consolidated.safetensors")
    yield Example(outcome=Outcome.PASS, snapshot=mistral)
    yield Example(outcome=Outcome.FAIL, snapshot=of("a", "b"), says="different")
    yield Example(outcome=Outcome.WARN, snapshot=of("a", "a"), says="twice")
    stale = of(None, "a", "model-00001-of-00004.safetensors")
    yield Example(outcome=Outcome.WARN, snapshot=stale, says="no load reads")
    pickles = of("a", None, "pytorch_model.bin")
    yield Example(outcome=Outcome.WARN, snapshot=pickles, says="4 GiB of pickles")
    small = of("a", None, "pytorch_model.bin", gib=0.001)
    yield Example(outcome=Outcome.PASS, snapshot=small)
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, None, "x.gguf"), says="does not apply")
