"""The tensors in the layers have the shapes that the config gives them.

Why: a config of another size of the same family lies beside the weights, or one was edited.
Loading then stops: "size mismatch for model.layers.0.self_attn.q_proj.weight: copying a param
with shape ... from checkpoint, the shape in current model is ...", or, in transformers 5, "You
set `ignore_mismatched_sizes` to `False`"; vLLM and SGLang stop at an assertion without a text.
With `ignore_mismatched_sizes=True` such tensors are filled with random numbers.

Fix: fetch config.json and weights of the same repository and revision.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.tensor_names import PLAIN, Layout, family_of, layout_of, shapes_of
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
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.architecture import text_config
from firstmile.facts.model_folder.folder import Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/shape-error",
    cause="corruption/config-file",
    entries=("weights-belong-to-another-model-or-size",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/model",),
)
_SIZES: Final = (
    *("hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim"),
    *("intermediate_size", "moe_intermediate_size", "num_experts", "n_routed_experts"),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the shapes of all layers against those that follow from the config."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return not_known("the config of the model")
    if intent.overrides:
        return does_not_apply("the command changes the config")
    if family_of(model.config) is None:
        return not_known("the tensors of this architecture")
    layout = layout_of(model)
    if layout is None:
        return not_known("the names and shapes of the tensors")
    wanted = shapes_of(model.config)
    wrong = _wrong(layout, wanted)
    if not wrong:
        compared = sum(name in wanted for name in next(iter(layout.layers.values())))
        if not compared:
            return not_known("shapes of tensors that are stored as they are computed with")
        return passed(
            f"The tensors of {counted(len(layout.layers), 'layer')} have the config's shapes."
        )
    text = text_config(model.config)
    shown = [stated("config.json", name, text[name]) for name in _SIZES if name in text]
    tensor, shape = wrong[0]
    return failed(
        f"{counted(len(wrong), 'tensor has', 'tensors have')} other shapes than the config "
        f"gives, such as {tensor.name}: {list(tensor.shape)} instead of {list(shape)}.",
        *(seen(f"{one.name}: {list(one.shape)}, config: {list(by)}") for one, by in wrong[:3]),
        *shown,
        remedy="hf download OWNER/NAME --local-dir FOLDER --force-download, so that config.json "
        "and weights are of one repository and revision",
    )


def _wrong(
    layout: Layout, wanted: Mapping[str, tuple[int, ...]]
) -> list[tuple[Tensor, tuple[int, ...]]]:
    found = []
    for number, tensors in layout.layers.items():
        for name, tensor in tensors.items():
            shape = wanted.get(name)
            if shape is not None and tensor.shape != shape and tensor.dtype in PLAIN:
                found.append((tensor, shape))
        for name, group in layout.experts.get(number, {}).items():
            shape = wanted.get(name)
            if shape is None or group.first.dtype not in PLAIN:
                continue
            found += [(one, shape) for one in (group.first, *group.others) if one.shape != shape]
    return found


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    sizes = {
        **LLAMA,
        "hidden_size": 64,
        "intermediate_size": 160,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }

    def of(config: dict[str, Any], *, dtype: str = "BF16", **shapes: Any) -> Snapshot:
        layer = {
            "self_attn.q_proj": (64, 64),
            "self_attn.k_proj": (32, 64),
            "mlp.down_proj": (64, 160),
            **{name.replace("__", "."): shape for name, shape in shapes.items()},
        }
        tensors = {f"model.layers.0.{name}.weight": (dtype, shape) for name, shape in layer.items()}
        return world(folder(config=config, shards=[shard(tensors)]))

    yield Example(outcome=Outcome.PASS, snapshot=of(sizes))
    wide = {**sizes, "model_type": "qwen3", "head_dim": 24}
    matching = of(wide, self_attn__q_proj=(96, 64), self_attn__k_proj=(48, 64))
    yield Example(outcome=Outcome.PASS, snapshot=matching)
    moe = {**sizes, "model_type": "mixtral", "num_local_experts": 4}
    expert: dict[str, Any] = {
        "block_sparse_moe__experts__0__w2": (64, 160),
        "block_sparse_moe__gate": (4, 64),
    }
    yield Example(outcome=Outcome.PASS, snapshot=of(moe, **expert))
    for name, value in (
        ("num_key_value_heads", 4),
        ("hidden_size", 128),
        ("intermediate_size", 176),
    ):
        wrong = of({**sizes, name: value})
        yield Example(outcome=Outcome.FAIL, snapshot=wrong, says="instead of")
    two = of({**moe, "num_local_experts": 2}, **expert)
    yield Example(outcome=Outcome.FAIL, snapshot=two, says="gate.weight: [4, 64]")
    packed = of({**sizes, "num_key_value_heads": 4}, dtype="U8")
    yield Example(outcome=Outcome.PASS, snapshot=packed)
    unheard = of({**sizes, "model_type": "openelm"})
    yield Example(outcome=Outcome.SKIP, snapshot=unheard, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=sizes)), says="not known")
    changed = Intent(overrides={"num_hidden_layers": 1})
    yield Example(outcome=Outcome.SKIP, snapshot=of(sizes), intent=changed)
