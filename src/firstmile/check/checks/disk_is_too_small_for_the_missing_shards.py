"""The disk has room for the shards that are still to be downloaded.

Why: an index says how large all shards are together. Those that are not there yet are downloaded
into the folder, or into the Hub's cache, in full, and twice over for a while where the cache
lies on another disk than the temporary files. Where the disk is full, the download ends with "No
space left on device", or leaves a file that is cut.

Fix: free room, or let HF_HOME point to a larger disk.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import share
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, file, folder, machine, world
from firstmile.facts.environment import Folder
from firstmile.facts.model_folder.folder import ModelFolder, ShardIndex
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="hardware/cpu-memory",
    entries=("disk-is-full-while-files-are-written",),
    references=(
        "https://huggingface.co/docs/huggingface_hub/main/en/package_reference/environment_variables",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what the index states and is not there against the room on the disk."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.index is None or not model.index.total_size:
        return does_not_apply("no index states the size of shards")
    wanted = set(model.index.weight_map.values())
    there = [one for one in model.files if one.path in wanted and one.size_bytes > 10_000]
    if len(there) == len(wanted):
        return does_not_apply("all shards are there")
    left = max(model.index.total_size - sum(one.size_bytes for one in there), 0)
    purpose = "Hugging Face cache" if model.snapshot_of else "working folder"
    folders = snapshot.environment.folders if snapshot.environment else ()
    place = next((one for one in folders if one.purpose == purpose), None)
    if place is None:
        return not_known(f"the room in the {purpose}")
    gone = len(wanted) - len(there)
    proof = (
        seen(f"{share(gone, len(wanted), 'shard', 'is', 'are')} missing, {shown(left)}"),
        seen(f"{shown(place.free_bytes)} are free in the {purpose} ({place.path})"),
    )
    if left > place.free_bytes:
        return failed(
            f"{shown(left)} are still to be downloaded, and {shown(place.free_bytes)} are free.",
            *proof,
            remedy=f"Free {shown(left - place.free_bytes)}, or point HF_HOME to a larger disk.",
        )
    return passed(f"There is room for the {shown(left)} that are missing.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def partly(count: int) -> ModelFolder:
        names = [f"model-{place:05}-of-00004.safetensors" for place in range(1, 5)]
        files = [file(name, 4 * GIB, looks="safetensors") for name in names[:count]]
        weights = {f"layer.{place}": name for place, name in enumerate(names)}
        index = ShardIndex(
            path="model.safetensors.index.json", weight_map=weights, total_size=16 * GIB
        )
        return folder(config=LLAMA, files=files, index=index)

    def room(gib: float) -> Folder:
        return Folder(
            purpose="working folder",
            path="/data",
            exists=True,
            writable=True,
            filesystem="ext4",
            total_bytes=100 * GIB,
            free_bytes=int(gib * GIB),
        )

    tight = machine(folders=[room(10)])
    yield Example(outcome=Outcome.FAIL, snapshot=world(partly(1), tight), says="12.0 GiB")
    yield Example(outcome=Outcome.PASS, snapshot=world(partly(2), tight))
    yield Example(outcome=Outcome.SKIP, snapshot=world(partly(4), tight), says="all shards")
    yield Example(outcome=Outcome.SKIP, snapshot=world(partly(1)), says="not known")
