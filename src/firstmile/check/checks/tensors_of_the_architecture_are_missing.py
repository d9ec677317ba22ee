"""The weight files hold every layer that the config states, with all of its parts.

Why: what is not in the files is filled with random numbers. transformers says so in a warning
("Some weights ... were not initialized from the model checkpoint", "MISSING ... newly
initialized"), loads, and the model writes nonsense or, where it is one layer of many, only worse
answers. It comes from a download that left out a shard, an export of part of a model, or a config
of a deeper one.

Fix: fetch or export all of it again; `num_hidden_layers` is lowered only where the model was cut
on purpose.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.tensor_names import Layout, family_of, layout_of, modules_of
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
from firstmile.check.weight_files import folder_of, some, stored
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/checkpoint",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/model",),
)
MOST_LAYERS: Final = 10_000
_ROUTER: Final = re.compile(r"(?:^|\.)(?:gate|router)\.")
"""What chooses the experts: `mlp.gate`, `block_sparse_moe.gate`, `feed_forward.router`."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count layers and their parts."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    config = model.config
    if config is None:
        return not_known("the config of the model")
    held = stored(model)
    if held.unread is not None:
        return not_known(f"all tensors: {held.unread}")
    if intent.overrides:
        return does_not_apply("the command changes the config")
    family = family_of(config)
    layers = read_architecture(config).layers
    layout = layout_of(model)
    if family is None or layers is None or layers > MOST_LAYERS or layout is None:
        return not_known("the tensors of this architecture")
    missing = [f"layer {number}" for number in range(layers) if number not in layout.layers]
    missing += _parts(layout, family, layers)
    missing += _experts(layout, config, layers)
    missing += _routers(layout, layers)
    if layout.embedding is None:
        missing.append("the embedding of tokens")
    if missing:
        return failed(
            f"The weight files lack {some(missing)}; they are left random.",
            seen(
                f"{counted(len(held.tensors), 'tensor')} in {counted(len(layout.layers), 'layer')}"
            ),
            stated("config.json", "num_hidden_layers", layers),
            remedy="hf download OWNER/NAME --local-dir FOLDER, or save the whole model again",
        )
    return passed(f"Each of {counted(layers, 'layer')} is there with its parts.")


def _parts(layout: Layout, family: str, layers: int) -> list[str]:
    wanted = frozenset(modules_of(family))
    found = []
    for number, tensors in layout.layers.items():
        if number < layers:
            here = {name.rpartition(".")[0] for name in tensors}
            found += [f"{name} of layer {number}" for name in sorted(wanted - here)]
    return found


def _experts(layout: Layout, config: Any, layers: int) -> list[str]:
    experts = read_architecture(config).experts
    if experts is None:
        return []
    return [
        f"{counted(experts.routed - group.count, 'expert')} of layer {number}"
        for number, groups in layout.experts.items()
        for group in list(groups.values())[:1]
        if number < layers and group.count < experts.routed
    ]


def _routers(layout: Layout, layers: int) -> list[str]:
    return [
        f"the router of layer {number}"
        for number in layout.experts
        if number < layers
        and number in layout.layers
        and not any(_ROUTER.search(name) for name in layout.layers[number])
    ]


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    small = {**LLAMA, "num_hidden_layers": 2}
    qwen = {**small, "model_type": "qwen3_moe", "num_experts": 2, "moe_intermediate_size": 8}

    def of(
        config: dict[str, Any], *, layers: int = 2, without: str = "?", experts: int = 0
    ) -> Snapshot:
        names = ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"]
        for number in range(layers):
            names += [f"model.layers.{number}.{one}.weight" for one in modules_of("llama")]
            names += [
                f"model.layers.{number}.mlp.experts.{one}.up_proj.weight" for one in range(experts)
            ]
            names += [f"model.layers.{number}.mlp.gate.weight"] * bool(experts)
        kept = {name: ("BF16", (8, 8)) for name in names if without not in name}
        return world(folder(config=config, shards=[shard(kept)]))

    yield Example(outcome=Outcome.PASS, snapshot=of(small))
    yield Example(outcome=Outcome.PASS, snapshot=of(small, layers=3))
    yield Example(outcome=Outcome.PASS, snapshot=of(qwen, experts=2))
    yield Example(outcome=Outcome.FAIL, snapshot=of(small, layers=1), says="layer 1")
    part = of(small, without="layers.1.self_attn.v_proj")
    yield Example(outcome=Outcome.FAIL, snapshot=part, says="v_proj of layer 1")
    bare = of(small, without="embed_tokens")
    yield Example(outcome=Outcome.FAIL, snapshot=bare, says="embedding")
    yield Example(outcome=Outcome.FAIL, snapshot=of(qwen, experts=1), says="1 expert of layer 0")
    unrouted = of(qwen, experts=2, without="layers.1.mlp.gate.")
    yield Example(outcome=Outcome.FAIL, snapshot=unrouted, says="router of layer 1")
    other = of({**small, "model_type": "unheard"})
    yield Example(outcome=Outcome.SKIP, snapshot=other, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=small)), says="not known")
    cut = Intent(overrides={"num_hidden_layers": 1})
    yield Example(outcome=Outcome.SKIP, snapshot=of(small, layers=1), intent=cut)
