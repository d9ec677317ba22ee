"""Names and shapes of each family, held against what transformers writes.

`headers_by_family.json` holds configs of small sizes and the shapes that `save_pretrained` of
transformers 5.23 wrote for them (models with random weights, made in the lab's environment).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from firstmile.check.checks import (
    embedding_rows_differ_from_the_vocabulary_size,
    head_of_the_model_is_missing,
    tensor_names_keep_a_wrapper_of_the_training,
    tensor_shapes_contradict_the_config,
    tensors_of_the_architecture_are_missing,
    weights_hold_more_layers_than_the_config,
)
from firstmile.check.intent import Intent
from firstmile.check.running import judge_one
from firstmile.check.tensor_names import family_of, layout_of, modules_of, shapes_of
from firstmile.check.unit import Check
from firstmile.check.worlds import folder, shard, world
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

FAMILIES: Final[Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "headers_by_family.json").read_text(encoding="utf-8")
)
EACH = pytest.mark.parametrize("family", sorted(FAMILIES))
SHAPES: Final[Any] = tensor_shapes_contradict_the_config
MISSING: Final[Any] = tensors_of_the_architecture_are_missing
BEYOND: Final[Any] = weights_hold_more_layers_than_the_config
ROWS: Final[Any] = embedding_rows_differ_from_the_vocabulary_size
HEAD: Final[Any] = head_of_the_model_is_missing
WRAPPER: Final[Any] = tensor_names_keep_a_wrapper_of_the_training


def made(family: str, shapes: Mapping[str, Any] | None = None, **config: Any) -> ModelFolder:
    """Return a family's folder, with other shapes or settings where they are given."""
    known = FAMILIES[family]
    held = known["shapes"] if shapes is None else shapes
    tensors = {name: ("F32", tuple(shape)) for name, shape in held.items()}
    return folder(config={**known["config"], **config}, shards=[shard(tensors)])


def outcome(check: Check, model: ModelFolder) -> Outcome:
    """Return what a check comes to."""
    (found,) = judge_one(check, Snapshot(model=model), Intent())
    return found.outcome


@EACH
def test_what_transformers_writes_passes(family: str) -> None:
    model = made(family)
    for check in (SHAPES, MISSING, BEYOND, ROWS, HEAD, WRAPPER):
        assert outcome(check, model) is Outcome.PASS, check.__name__


@EACH
def test_most_matrices_of_a_layer_are_compared(family: str) -> None:
    model = made(family)
    layout = layout_of(model)
    assert layout is not None
    wanted = shapes_of(FAMILIES[family]["config"])
    matrices = [
        name
        for name, one in layout.layers[1].items()
        if len(one.shape) == 2 and not any(word in name for word in ("shared", "router", "experts"))
    ]
    assert set(matrices) <= wanted.keys()


@EACH
def test_a_config_of_another_hidden_size_is_found(family: str) -> None:
    name = "n_embd" if family == "gpt2" else "hidden_size"
    other: dict[str, Any] = {name: FAMILIES[family]["config"][name] * 2}
    assert outcome(SHAPES, made(family, **other)) is Outcome.FAIL


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gemma2", "phi3", "glm4", "olmo2"])
@pytest.mark.parametrize(
    "name", ["num_key_value_heads", "num_attention_heads", "intermediate_size"]
)
def test_a_config_of_another_size_within_layers_is_found(family: str, name: str) -> None:
    other: dict[str, Any] = {name: FAMILIES[family]["config"][name] * 2}
    assert outcome(SHAPES, made(family, **other)) is Outcome.FAIL


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("deepseek_v3", "kv_lora_rank"),
        ("deepseek_v3", "q_lora_rank"),
        ("deepseek_v3", "v_head_dim"),
        ("deepseek_v2", "qk_nope_head_dim"),
        ("deepseek_v3", "n_routed_experts"),
        ("mixtral", "num_local_experts"),
        ("qwen3_moe", "moe_intermediate_size"),
        ("qwen3", "head_dim"),
        ("gpt_oss", "head_dim"),
    ],
)
def test_a_config_of_other_experts_or_latent_widths_is_found(family: str, name: str) -> None:
    other: dict[str, Any] = {name: FAMILIES[family]["config"][name] * 2}
    assert outcome(SHAPES, made(family, **other)) is Outcome.FAIL


@EACH
def test_a_layer_that_is_gone_is_missed(family: str) -> None:
    shapes = FAMILIES[family]["shapes"]
    kept = {name: one for name, one in shapes.items() if "layers.1." not in name}
    kept = {name: one for name, one in kept.items() if ".h.1." not in name}
    assert outcome(MISSING, made(family, kept)) is Outcome.FAIL


@EACH
def test_any_module_that_is_gone_is_missed(family: str) -> None:
    shapes = FAMILIES[family]["shapes"]
    for module in modules_of(family):
        kept = {name: one for name, one in shapes.items() if f".0.{module}." not in name}
        assert len(kept) < len(shapes), module
        assert outcome(MISSING, made(family, kept)) is Outcome.FAIL, module


@EACH
def test_a_layer_too_many_is_found(family: str) -> None:
    config = FAMILIES[family]["config"]
    key = "n_layer" if family == "gpt2" else "num_hidden_layers"
    assert config[key] == 2
    fewer: dict[str, Any] = {key: 1}
    assert outcome(BEYOND, made(family, **fewer)) is Outcome.FAIL


@EACH
def test_names_of_a_wrapper_are_found_in_any_family(family: str) -> None:
    shapes = FAMILIES[family]["shapes"]
    for prefix in ("module.", "_orig_mod.", "base_model.model."):
        renamed = {f"{prefix}{name}": one for name, one in shapes.items()}
        assert outcome(WRAPPER, made(family, renamed)) is Outcome.FAIL


@EACH
def test_rows_beside_the_vocabulary_are_found(family: str) -> None:
    rows = FAMILIES[family]["config"]["vocab_size"] + 1
    assert outcome(ROWS, made(family, vocab_size=rows)) is Outcome.FAIL


def test_an_untied_head_that_is_not_there_is_missed() -> None:
    for family in ("llama", "qwen2", "mixtral", "phi3"):
        shapes = FAMILIES[family]["shapes"]
        kept = {name: one for name, one in shapes.items() if name != "lm_head.weight"}
        assert outcome(HEAD, made(family, kept)) is Outcome.FAIL


def test_quantized_layouts_are_not_held_against_plain_shapes() -> None:
    shapes = FAMILIES["llama"]["shapes"]
    tensors: dict[str, tuple[str, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        if "_proj" in name:
            stem = name.removesuffix(".weight")
            tensors |= {f"{stem}.qweight": ("I32", (8, 64)), f"{stem}.scales": ("F16", (1, 64))}
        else:
            tensors[name] = ("F16", tuple(shape))
    model = folder(config=FAMILIES["llama"]["config"], shards=[shard(tensors)])
    assert outcome(SHAPES, model) is Outcome.PASS
    assert outcome(MISSING, model) is Outcome.PASS
    four_bit = {
        name: ("U8", (4096, 1)) if "_proj" in name else ("BF16", tuple(shape))
        for name, shape in shapes.items()
    }
    packed = folder(config=FAMILIES["llama"]["config"], shards=[shard(four_bit)])
    assert outcome(SHAPES, packed) is Outcome.PASS


def test_a_text_part_under_another_name_is_found() -> None:
    known = FAMILIES["qwen2"]
    config = {"model_type": "llava_onevision", "text_config": known["config"], "vision_config": {}}
    for head in ("language_model.model.", "model.language_model."):
        tensors = {
            name.replace("model.", head, 1) if name.startswith("model.") else name: (
                "BF16",
                tuple(shape),
            )
            for name, shape in known["shapes"].items()
        }
        tensors["vision_tower.encoder.layers.0.mlp.fc1.weight"] = ("BF16", (8, 8))
        model = folder(config=config, shards=[shard(tensors)])
        assert outcome(SHAPES, model) is Outcome.PASS
        assert outcome(MISSING, model) is Outcome.PASS
        assert outcome(BEYOND, model) is Outcome.PASS


def test_families_that_are_not_known_are_not_judged() -> None:
    config = {**FAMILIES["llama"]["config"], "model_type": "openelm"}
    assert family_of(config) is None
    model = made("llama", model_type="openelm")
    assert outcome(SHAPES, model) is Outcome.SKIP
    assert outcome(MISSING, model) is Outcome.SKIP


def test_the_same_folder_is_laid_out_once() -> None:
    model = made("llama")
    assert layout_of(model) is layout_of(model)
    assert layout_of(made("llama")) is not layout_of(model)
    assert world(model).model is model
