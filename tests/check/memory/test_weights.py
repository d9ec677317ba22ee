"""Weights, counted from configs and from headers."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.check.intent import Action, Intent, Lora, Training
from firstmile.check.memory.blueprint import draw
from firstmile.check.memory.estimate import describe
from firstmile.check.memory.quantization import scheme_of_config
from firstmile.check.memory.subject import Subject
from firstmile.check.worlds import LLAMA, folder, shard
from firstmile.facts.model_folder.architecture import architecture_of_gguf, read_architecture
from firstmile.facts.model_folder.folder import ShardIndex
from firstmile.facts.sizes import GIB

HERE = Path(__file__).parent
CONFIGS: dict[str, dict[str, Any]] = json.loads(
    (HERE / "published_configs.json").read_text(encoding="utf-8")
)
PUBLISHED = {
    "Llama 2 7B": 6_738_415_616,
    "Llama 3 8B": 8_030_261_248,
    "Llama 3.1 405B": 405_853_388_800,
    "Qwen2.5 0.5B": 494_032_768,
    "Qwen3 235B-A22B": 235_093_634_560,
    "Qwen3-Next 80B-A3B": 79_674_391_296,
    "DeepSeek-V2-Lite": 15_706_484_224,
    "DeepSeek-V3": 671_026_404_352,
    "Mixtral 8x7B": 46_702_792_704,
    "Gemma 2 27B": 27_227_128_320,
    "Gemma 3 4B": 4_300_079_472,
    "Phi-4": 14_659_507_200,
    "gpt-oss 120b": 116_829_156_672,
    "Falcon 180B": 178_557_088_768,
    "GPT-2": 124_439_808,
}
"""Parameters of some models as their makers' checkpoints have them."""


def subject(config: dict[str, Any], intent: Intent | None = None, **parts: Any) -> Subject:
    found = describe(folder(config=config, **parts), intent or Intent(engine="vllm"), None)
    assert isinstance(found, Subject)
    return found


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_counted_within_a_thousandth(name: str) -> None:
    config = CONFIGS[name]
    drawn = draw(config, read_architecture(config))
    assert drawn is not None
    assert drawn.numbers == pytest.approx(PUBLISHED[name], rel=0.001)


def test_there_are_at_least_thirty_architectures() -> None:
    assert len(CONFIGS) >= 30
    for name, config in CONFIGS.items():
        assert draw(config, read_architecture(config)) is not None, name


def test_a_config_without_sizes_is_not_guessed() -> None:
    assert draw({"model_type": "llama"}, read_architecture({"model_type": "llama"})) is None
    assert isinstance(describe(folder(config={"model_type": "x"}), Intent(), None), str)


def test_kinds_of_layers_that_no_formula_covers_are_not_guessed() -> None:
    config = {**LLAMA, "model_type": "falcon_mamba"}
    drawn = draw(config, read_architecture(config))
    assert drawn is not None
    assert not drawn.covers
    assert isinstance(describe(folder(config=config), Intent(), None), str)


@pytest.mark.parametrize(
    ("stated", "bits"),
    [
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, 4 + 20 / 128),
        ({"quant_method": "gptq", "bits": 8, "group_size": 32}, 8 + 24 / 32),
        ({"quant_method": "awq", "w_bit": 4, "q_group_size": 64}, 4 + 20 / 64),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8 + 32 / 16384),
        ({"quant_method": "mxfp4"}, 4.25),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, 4.5),
        (
            {
                "quant_method": "bitsandbytes",
                "load_in_4bit": True,
                "bnb_4bit_use_double_quant": True,
            },
            4.127,
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {"group_0": {"weights": {"num_bits": 4, "group_size": 128}}},
            },
            4 + 16 / 128,
        ),
    ],
)
def test_quantizations_count_scales_and_zero_points(stated: dict[str, Any], bits: float) -> None:
    scheme = scheme_of_config({"quantization_config": stated})
    assert scheme is not None
    assert scheme.bits == pytest.approx(bits)


@pytest.mark.parametrize("stated", [7, "awq", {}, {"quant_method": None}, {"bits": "x"}])
def test_a_strange_quantization_is_not_guessed(stated: object) -> None:
    assert scheme_of_config({"quantization_config": stated}) is None


def test_an_awq_of_llama_3_8b_takes_what_its_files_take() -> None:
    packed = {"quant_method": "awq", "bits": 4, "group_size": 128}
    found = subject({**LLAMA, "quantization_config": packed}).weights.total
    assert found.likely / 1e9 == pytest.approx(5.73, rel=0.01)


def test_deepseek_v3_takes_a_byte_a_parameter() -> None:
    found = subject(CONFIGS["DeepSeek-V3"]).weights.total
    assert found.likely / 1e9 == pytest.approx(673, rel=0.01)


def test_gpt_oss_keeps_attention_in_sixteen_bits() -> None:
    assert subject(CONFIGS["gpt-oss 120b"]).weights.total.likely / 1e9 == pytest.approx(65.2, 0.01)
    assert subject(CONFIGS["gpt-oss 20b"]).weights.total.likely / 1e9 == pytest.approx(13.8, 0.01)


def test_headers_come_before_configs() -> None:
    tensors = {
        "model.embed_tokens.weight": ("BF16", (100, 64)),
        "model.layers.0.self_attn.k_proj.weight": ("BF16", (64, 64)),
        "model.layers.0.mlp.up_proj.weight": ("F32", (64, 64)),
        "lm_head.weight": ("BF16", (100, 64)),
    }
    found = subject(dict(LLAMA), shards=[shard(tensors)])
    assert found.weights.measured
    assert found.weights.total.likely == 2 * (2 * 6400 + 2 * 4096)
    tied = subject({**LLAMA, "tie_word_embeddings": True}, shards=[shard(tensors)])
    assert tied.weights.total.likely == 2 * (6400 + 2 * 4096)


def test_a_missing_shard_sends_us_back_to_the_config() -> None:
    index = ShardIndex(
        path="model.safetensors.index.json",
        weight_map={"a": "model-1.safetensors", "b": "model-2.safetensors"},
        total_size=16 * 10**9,
    )
    one = shard({"a": ("BF16", (4, 4))}, path="model-1.safetensors")
    found = subject(dict(LLAMA), shards=[one], index=index)
    assert not found.weights.measured
    assert found.weights.total.likely == pytest.approx(8_030_261_248 * 2, rel=0.001)


def test_a_layer_beyond_those_of_the_config_is_not_loaded() -> None:
    config = {**LLAMA, "num_hidden_layers": 1, "num_nextn_predict_layers": 1}
    tensors = {f"model.layers.{n}.mlp.up_proj.weight": ("BF16", (64, 64)) for n in range(2)}
    assert subject(config, shards=[shard(tensors)]).weights.total.likely == 2 * 4096


def test_qlora_packs_layers_and_leaves_the_embedding() -> None:
    training = Training(method="qlora", lora=Lora(rank=8))
    intent = Intent(action=Action.FINE_TUNE, dtype="bfloat16", training=training)
    found = subject(dict(LLAMA), intent).weights
    assert found.embedding.likely == 2 * 128256 * 4096
    assert 5 * GIB < found.total.likely < 6.2 * GIB


def test_sizes_of_a_gguf_are_read_from_its_metadata() -> None:
    found = architecture_of_gguf(
        {
            "general.architecture": "llama",
            "llama.block_count": 32,
            "llama.embedding_length": 4096,
            "llama.attention.head_count": 32,
            "llama.attention.head_count_kv": 8,
            "llama.context_length": 8192,
        }
    )
    assert (found.layers, found.kv_heads, found.head_width) == (32, 8, 128)
    assert architecture_of_gguf({}).layers is None
