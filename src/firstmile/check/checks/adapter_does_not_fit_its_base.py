"""Every module that the adapter changes is in its base, with a matrix of its size.

Why: an adapter belongs to the model that it was trained on. Put on another one, PEFT stops with
"Target modules ... not found in the base model" or "size mismatch"; on a model of the same sizes
(another version, another fine-tune) it loads, and the answers get worse without a word.

Fix: load the base that the adapter was trained on, in the same revision; where the name in
`base_model_name_or_path` is another one, mend it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.adapters import (
    CONFIG,
    WEIGHTS,
    Modules,
    adapter_of,
    base_name,
    modules_of_base,
    rows_beside,
)
from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, stated
from firstmile.check.weight_files import some
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.folder import Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/shape-error",
    cause="configuration/inference",
    entries=(
        "lora-adapter-belongs-to-another-base-model",
        "lora-target-modules-do-not-exist-in-the-model",
    ),
    references=("https://huggingface.co/docs/peft/main/en/developer_guides/troubleshooting",),
)
_MATRIX: Final = re.compile(
    r"(?:[^.]{1,80}\.){0,8}(?:layers|h)\.(\d{1,6})\.(.{1,200}?)\.lora_(A|B)(?:\.\w{1,50})?\.weight"
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for each module of the adapter in the base, and compare widths."""
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    if snapshot.base is None:
        return not_known(f"the base model ({base_name(adapter) or 'the adapter names none'})")
    modules = modules_of_base(snapshot.base)
    if adapter.tensors is None or modules is None:
        return not_known("the tensors of adapter and base")
    absent, wrong, compared = _compared(adapter.tensors, modules)
    named = stated(CONFIG, "base_model_name_or_path", base_name(adapter))
    remedy = (
        "Load the adapter on the model that it was trained on, and name that model in "
        f"{CONFIG} (base_model_name_or_path)."
    )
    if absent:
        return failed(
            f"The base lacks {counted(len(absent), 'module')} that the adapter changes: "
            f"{some(absent, 3)}.",
            seen(absent[0], file=WEIGHTS),
            named,
            remedy=remedy,
        )
    if wrong:
        return failed(
            f"{counted(len(wrong), 'matrix has', 'matrices have')} another size in the adapter "
            "than in the base.",
            *(seen(text, file=WEIGHTS) for text in wrong[:3]),
            named,
            remedy=remedy,
        )
    beside = rows_beside(adapter, modules)
    if beside is not None:
        mine, other = beside
        return failed(
            f"The adapter brings {mine.shape[0]:,} rows for the vocabulary, and its base has "
            f"{other.shape[0]:,}.",
            seen(f"{mine.name}: {list(mine.shape)}", file=WEIGHTS),
            seen(f"{other.name}: {list(other.shape)}"),
            remedy=f"Call base.resize_token_embeddings({mine.shape[0]}) before loading the adapter "
            "on it.",
        )
    if not compared:
        return not_known("modules of the adapter that can be compared with the base")
    return passed(f"{compared:,} matrices of the adapter fit the base.", named)


def _compared(tensors: Mapping[str, Tensor], modules: Modules) -> tuple[list[str], list[str], int]:
    absent: dict[str, None] = {}
    wrong = []
    compared = 0
    for name, one in tensors.items():
        found = _MATRIX.fullmatch(name)
        if found is None or len(one.shape) != 2 or ".experts" in name or "vis" in name:
            continue
        layer, module, side = int(found[1]), found[2], found[3]
        if not modules.has(layer, module):
            absent[f"{module} of layer {layer}"] = None
            continue
        base = modules.matrix(layer, module)
        if base is None:
            continue
        compared += 1
        width = one.shape[1] if side == "A" else one.shape[0]
        if width not in base.shape:
            wrong.append(f"{name}: {list(one.shape)}; in the base {list(base.shape)}")
    return list(absent), wrong, compared


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        base: Mapping[str, tuple[int, int]], *, width: int = 64, out: int = 64, rows: int = 0
    ) -> Snapshot:
        stem = "base_model.model.model.layers.0.self_attn.q_proj"
        shapes = {"A": (8, width), "B": (out, 8)}
        tensors = {f"{stem}.lora_{side}.weight": ("F32", one) for side, one in shapes.items()}
        if rows:
            tensors["base_model.model.lm_head.weight"] = ("F32", (rows, 64))
        config = {"peft_type": "LORA", "r": 8, "base_model_name_or_path": "meta-llama/Llama-3.2-1B"}
        adapter = folder(
            kind="adapter", documents={CONFIG: config}, shards=[shard(tensors, path=WEIGHTS)]
        )
        held: dict[str, Any] = {name: ("BF16", one) for name, one in base.items()}
        return world(adapter, base=folder(config=LLAMA, shards=[shard(held)]))

    query = "model.layers.0.self_attn.q_proj.weight"
    yield Example(outcome=Outcome.PASS, snapshot=of({query: (64, 64)}))
    yield Example(outcome=Outcome.FAIL, snapshot=of({query: (128, 128)}), says="another size")
    head = {query: (64, 64), "lm_head.weight": (400, 64)}
    yield Example(outcome=Outcome.PASS, snapshot=of(head, rows=400))
    added = of(head, rows=401)
    yield Example(outcome=Outcome.FAIL, snapshot=added, says="401 rows")
    packed = of({"model.layers.0.self_attn.q_proj.qweight": (8, 64)})
    yield Example(outcome=Outcome.SKIP, snapshot=packed, says="can be compared")
    seeing = of({f"language_model.{query}": (64, 64)})
    yield Example(outcome=Outcome.PASS, snapshot=seeing)
    other = {"transformer.h.0.attn.c_attn.weight": (64, 192)}
    yield Example(outcome=Outcome.FAIL, snapshot=of(other), says="lacks 1 module")
    alone = world(folder(kind="adapter", documents={CONFIG: {"peft_type": "LORA"}}))
    yield Example(outcome=Outcome.SKIP, snapshot=alone, says="names none")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no adapter")
