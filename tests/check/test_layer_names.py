"""Names of layers and of their linear parts."""

from firstmile.check.layer_names import LAYERS, layers_of, module_names
from firstmile.check.worlds import LLAMA, folder, shard


def test_a_model_type_is_found_in_the_text_part_as_well() -> None:
    assert layers_of({"model_type": "phi3"}) is LAYERS["phi3"]
    text = {"model_type": "qwen3", "hidden_size": 1, "num_hidden_layers": 1}
    assert layers_of({"model_type": "brand_new", "text_config": text}) is LAYERS["qwen3"]
    assert layers_of({"model_type": "brand_new"}) is None
    assert layers_of(None) is None


def test_every_listed_type_has_a_class_and_linear_parts() -> None:
    for each in LAYERS.values():
        assert each.classes[0][0].isupper()
        assert len(each.linear) >= 3


def test_module_names_are_those_of_tensors_quantized_ones_too() -> None:
    held = shard(
        {
            "model.layers.0.self_attn.q_proj.qweight": ("I32", (4, 4)),
            "model.layers.0.mlp.experts.gate_up_proj": ("BF16", (2, 4, 4)),
        }
    )
    assert module_names(folder(config=LLAMA, shards=[held])) == {
        "q_proj",
        "experts",
        "gate_up_proj",
    }
