"""The adapter's matrices have the rank that its config states.

Why: PEFT builds the matrices from `r` in adapter_config.json, then fills them from the file. Where
the two are of different runs it stops: "size mismatch for ...lora_A.default.weight: copying a param
with shape torch.Size([16, 4096]) from checkpoint, the shape in current model is torch.Size([8,
4096])"; engines that serve adapters stop at an assertion.

Fix: take config and weights of the same run, or set `r` to the rank of the file. `lora_alpha` has
to be that of the run as well: it scales what was learnt.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.adapters import CONFIG, WEIGHTS, adapter_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/shape-error",
    cause="corruption/config-file",
    entries=("lora-adapter-belongs-to-another-base-model",),
    references=("https://huggingface.co/docs/peft/main/en/package_reference/lora",),
)
_FIRST: Final = re.compile(r"(?:base_model\.model\.)?(.{1,400}?)\.lora_A(?:\.\w{1,50})?\.weight")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the rows of each matrix A against `r`."""
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    rank = adapter.config.get("r")
    if not adapter.is_lora or not isinstance(rank, int):
        return does_not_apply("the config states no rank of a LoRA")
    if adapter.config.get("rank_pattern") or adapter.config.get("target_parameters"):
        return does_not_apply("the config states ranks by module")
    if adapter.tensors is None:
        return not_known("the tensors of the adapter")
    ranks: dict[int, str] = {}
    for name, one in adapter.tensors.items():
        if _FIRST.fullmatch(name) and len(one.shape) == 2:
            ranks.setdefault(one.shape[0], name)
    if not ranks:
        return not_known("the matrices of the LoRA")
    proof = stated(CONFIG, "r", rank)
    if ranks.keys() == {rank}:
        return passed(f"All matrices are of rank {rank}.", proof)
    found, name = next((each, name) for each, name in ranks.items() if each != rank)
    return failed(
        f"The config states rank {rank}, and matrices of the adapter have {found}.",
        proof,
        seen(f"{name}: {list(adapter.tensors[name].shape)}", file=WEIGHTS),
        remedy=f'Set "r": {found} and the lora_alpha of that run in {CONFIG}.'
        if len(ranks) == 1
        else "Take config and weights of the same run.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rank: object, *ranks: int, **config: Any) -> Snapshot:
        stem = "base_model.model.model.layers"
        tensors = {
            f"{stem}.{at}.mlp.up_proj.lora_A.weight": ("F32", (each, 64))
            for at, each in enumerate(ranks)
        }
        tree = {"peft_type": "LORA", "r": rank, **config}
        made = folder(
            kind="adapter", documents={CONFIG: tree}, shards=[shard(tensors, path=WEIGHTS)]
        )
        return world(made)

    yield Example(outcome=Outcome.PASS, snapshot=of(8, 8, 8))
    yield Example(outcome=Outcome.FAIL, snapshot=of(8, 16, 16), says="rank 8")
    yield Example(outcome=Outcome.FAIL, snapshot=of(8, 8, 16), says="have 16")
    by_module = of(8, 16, rank_pattern={"up_proj": 16})
    yield Example(outcome=Outcome.SKIP, snapshot=by_module, says="by module")
    yield Example(outcome=Outcome.SKIP, snapshot=of(8), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no adapter")
