"""The safetensors files state their format, where the installed transformers asks for it.

Why: `safetensors.torch.save_file` without `metadata={"format": "pt"}` writes files that newer
releases of transformers load and older ones do not: "AttributeError: 'NoneType' object has no
attribute 'get'" (seen with 4.46), or "The safetensors archive passed at ... does not contain the
valid metadata". Merging scripts and converters leave it out most often.

Fix: save the file again with the metadata, or upgrade transformers.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.counting import counted
from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.own_code import uses_transformers
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
)
from firstmile.check.weight_files import folder_of, weights_that_load
from firstmile.check.worlds import LLAMA, folder, machine, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/attribute-error",
    cause="corruption/safetensors",
    references=("https://huggingface.co/docs/safetensors/main/en/api/torch",),
)
_SEEN_TO_FAIL: Final = "4.47.0"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the metadata in the files that are loaded."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    taken = weights_that_load(model)
    read = [
        one
        for one in model.shards
        if one.problem is None and taken is not None and one.path in taken.paths
    ]
    if not read:
        return does_not_apply("no safetensors files are loaded")
    if not uses_transformers(intent):
        return does_not_apply(f"{intent.engine} does not ask for the format")
    without = [one.path for one in read if "format" not in one.metadata]
    if not without:
        return passed(f"Each of {counted(len(read), 'safetensors file')} states its format.")
    mine = package_of(snapshot, "transformers")
    if mine is None:
        return not_known("the installed transformers, of which older ones ask for the format")
    if not older(mine.version, _SEEN_TO_FAIL):
        return does_not_apply(f"transformers {mine.version} is not known to ask for the format")
    return failed(
        f"{counted(len(without), 'file states', 'files state')} no format, for which "
        f"transformers {mine.version} asks.",
        seen("no metadata of a format", file=without[0]),
        installed(mine),
        remedy='save_file(tensors, path, metadata={"format": "pt"}), '
        "or pip install -U transformers",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(version: str | None, **metadata: str) -> Snapshot:
        made = replace(shard({"a": ("BF16", (4, 4))}), metadata=metadata)
        packages = {} if version is None else {"transformers": version}
        return world(folder(config=LLAMA, shards=[made]), machine(packages=packages))

    yield Example(outcome=Outcome.PASS, snapshot=of("4.46.3", format="pt"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("4.46.3"), says="4.46.3")
    yield Example(outcome=Outcome.FAIL, snapshot=of("4.44.2", source="merge"), says="format")
    yield Example(outcome=Outcome.SKIP, snapshot=of("5.1.0"), says="not known to ask")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), says="not known")
    engine = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of("4.46.3"), intent=engine)
