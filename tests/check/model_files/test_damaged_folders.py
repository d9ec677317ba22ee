"""Folders on disk, damaged in one place each, and the check that must tell of it."""

import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.unit import check_id, find_checks
from firstmile.facts.model_folder.reading import base_of, read_model_folder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

OF_FILES = {
    "shard-named-in-the-index-is-missing",
    "weight-file-is-a-pointer-or-a-web-page",
    "download-of-a-file-was-not-finished",
    "safetensors-file-has-another-size-than-its-header-says",
    "safetensors-header-contradicts-itself",
    "index-leaves-out-weights",
    "tensor-shapes-contradict-the-config",
    "tensors-of-the-architecture-are-missing",
    "weights-hold-more-layers-than-the-config",
    "embedding-rows-differ-from-the-vocabulary-size",
    "head-of-the-model-is-missing",
    "tied-head-differs-from-the-embedding",
    "tensor-names-keep-a-wrapper-of-the-training",
    "weights-hold-nan-or-infinity",
    "weights-are-all-zero",
    "number-types-are-mixed-in-the-layers",
    "quantized-tensors-have-no-quantization-config",
    "quantization-config-finds-plain-tensors",
    "weights-are-in-the-form-of-mlx",
    "group-size-contradicts-the-scales",
    "folder-holds-no-weights-that-the-engine-reads",
    "weights-of-two-exports-lie-in-one-folder",
    "config-json-is-missing",
    "config-names-no-model-type",
    "json-file-of-the-folder-cannot-be-read",
    "auto-map-names-a-file-that-is-missing",
    "link-of-the-folder-leads-nowhere",
    "pickle-imports-more-than-tensors",
    "pickled-checkpoint-is-cut",
    "adapter-weights-are-missing-or-empty",
    "adapter-was-saved-untrained",
    "adapter-rank-contradicts-its-config",
    "adapter-does-not-fit-its-base",
    "adapter-names-no-base",
    "gguf-file-is-cut",
    "gguf-header-is-refused",
}
CHECKS = [one for one in find_checks() if check_id(one) in OF_FILES]
CONFIG: Mapping[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 40,
    "max_position_embeddings": 128,
    "tie_word_embeddings": False,
}
LAYER = {
    "self_attn.q_proj": (64, 64),
    "self_attn.k_proj": (32, 64),
    "self_attn.v_proj": (32, 64),
    "self_attn.o_proj": (64, 64),
    "mlp.gate_proj": (96, 64),
    "mlp.up_proj": (96, 64),
    "mlp.down_proj": (64, 96),
    "input_layernorm": (64,),
    "post_attention_layernorm": (64,),
}
SHAPES: dict[str, tuple[int, ...]] = {
    "model.embed_tokens.weight": (40, 64),
    "model.norm.weight": (64,),
    "lm_head.weight": (40, 64),
    **{
        f"model.layers.{number}.{name}.weight": shape
        for number in (0, 1)
        for name, shape in LAYER.items()
    },
}
ONE = struct.pack("<f", 0.25)


def count_of(shape: tuple[int, ...]) -> int:
    """Return how many numbers a shape has."""
    found = 1
    for width in shape:
        found *= width
    return found


def write(path: Path, shapes: Mapping[str, tuple[int, ...]], **values: bytes) -> None:
    """Write a safetensors file of float32: 0.25 everywhere, or what `values` puts in place."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, shape in shapes.items():
        number = values.get(name.replace(".", "_"), ONE)
        body = number * count_of(shape)
        header[name] = {
            "dtype": "F32",
            "shape": list(shape),
            "data_offsets": [len(data), len(data) + len(body)],
        }
        data += body
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def healthy(folder: Path) -> Path:
    """Write a whole model of random shape without a fault."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "generation_config.json").write_text("{}")
    write(folder / "model.safetensors", SHAPES)
    return folder


def found_in(folder: Path) -> dict[str, Outcome]:
    """Return what fails or warns in a folder, by check."""
    model = read_model_folder(folder)
    base = base_of(folder, model)
    snapshot = Snapshot(model=model, base=read_model_folder(base) if base else None)
    return {
        each.source: each.outcome
        for each in judge_all(CHECKS, snapshot, Intent())
        if each.outcome in (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)
    }


def sharded(folder: Path, *, named: int = 2) -> tuple[Path, Path]:
    """Split the weights over two files, of which the index names one or both."""
    (folder / "model.safetensors").unlink()
    names = list(SHAPES)
    paths = [folder / f"model-0000{place}-of-00002.safetensors" for place in (1, 2)]
    parts = [names[:8], names[8:]]
    for path, part in zip(paths, parts, strict=True):
        write(path, {name: SHAPES[name] for name in part})
    weights = {
        name: path.name
        for path, part in zip(paths[:named], parts[:named], strict=True)
        for name in part
    }
    index = {"metadata": {"total_size": 1}, "weight_map": weights}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return paths[0], paths[1]


def lose_a_shard(folder: Path) -> None:
    """Delete the second of two files."""
    sharded(folder)[1].unlink()


def leave_a_shard_out(folder: Path) -> None:
    """Write an index of the first of two files."""
    sharded(folder, named=1)


def set_config(folder: Path, **more: Any) -> None:
    """Change settings of the config."""
    (folder / "config.json").write_text(json.dumps({**CONFIG, **more}))


def weights(folder: Path, shapes: Mapping[str, tuple[int, ...]], **values: bytes) -> None:
    """Write other weights."""
    write(folder / "model.safetensors", shapes, **values)


def cut(folder: Path) -> None:
    """Leave out the last bytes of the weights."""
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-9])


def overlap(folder: Path) -> None:
    """Let the first tensor's bytes be fewer than its shape needs."""
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes().replace(b'"shape": [40, 64]', b'"shape": [41, 64]', 1))


def pickled(folder: Path, body: bytes) -> None:
    """Put a pickled checkpoint in place of the safetensors."""
    (folder / "model.safetensors").unlink()
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("archive/data.pkl", body)


DAMAGE: Mapping[str, Callable[[Path], object]] = {
    "shard-named-in-the-index-is-missing": lose_a_shard,
    "index-leaves-out-weights": leave_a_shard_out,
    "weight-file-is-a-pointer-or-a-web-page": lambda at: (at / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    ),
    "download-of-a-file-was-not-finished": lambda at: (at / "model.safetensors.aria2").write_bytes(
        b"\0" * 40
    ),
    "safetensors-file-has-another-size-than-its-header-says": cut,
    "safetensors-header-contradicts-itself": overlap,
    "tensor-shapes-contradict-the-config": lambda at: set_config(at, num_key_value_heads=4),
    "tensors-of-the-architecture-are-missing": lambda at: set_config(at, num_hidden_layers=3),
    "weights-hold-more-layers-than-the-config": lambda at: set_config(at, num_hidden_layers=1),
    "embedding-rows-differ-from-the-vocabulary-size": lambda at: set_config(at, vocab_size=41),
    "head-of-the-model-is-missing": lambda at: weights(
        at, {name: shape for name, shape in SHAPES.items() if name != "lm_head.weight"}
    ),
    "tensor-names-keep-a-wrapper-of-the-training": lambda at: weights(
        at, {f"module.{name}": shape for name, shape in SHAPES.items()}
    ),
    "weights-hold-nan-or-infinity": lambda at: weights(
        at, SHAPES, model_norm_weight=struct.pack("<f", float("nan"))
    ),
    "weights-are-all-zero": lambda at: weights(
        at, SHAPES, model_layers_1_self_attn_q_proj_weight=b"\0\0\0\0"
    ),
    "folder-holds-no-weights-that-the-engine-reads": lambda at: (at / "model.safetensors").rename(
        at / "model-00001-of-00001.safetensors"
    ),
    "config-json-is-missing": lambda at: (at / "config.json").unlink(),
    "config-names-no-model-type": lambda at: set_config(at, model_type=None),
    "json-file-of-the-folder-cannot-be-read": lambda at: (at / "generation_config.json").write_text(
        '{"eos_token_id": 2'
    ),
    "link-of-the-folder-leads-nowhere": lambda at: (at / "merges.txt").symlink_to(at / "gone"),
    "pickle-imports-more-than-tensors": lambda at: pickled(at, b"cos\nsystem\n(S'true'\ntR."),
}


def test_a_healthy_folder_has_nothing(tmp_path: Path) -> None:
    assert found_in(healthy(tmp_path / "m")) == {}


def test_healthy_shards_have_nothing(tmp_path: Path) -> None:
    folder = healthy(tmp_path / "m")
    sharded(folder)
    assert found_in(folder) == {}


@pytest.mark.parametrize("check", sorted(DAMAGE))
def test_damage_is_told_by_its_check(check: str, tmp_path: Path) -> None:
    folder = healthy(tmp_path / "m")
    DAMAGE[check](folder)
    found = found_in(folder)
    assert check in found
    assert Outcome.ERROR not in found.values()


def test_every_check_of_files_is_there() -> None:
    assert {check_id(one) for one in CHECKS} == OF_FILES


def test_a_tied_head_of_its_own_is_told_apart(tmp_path: Path) -> None:
    folder = healthy(tmp_path / "m")
    set_config(folder, tie_word_embeddings=True)
    assert found_in(folder) == {}
    weights(folder, SHAPES, lm_head_weight=struct.pack("<f", 0.5))
    assert found_in(folder) == {"tied-head-differs-from-the-embedding": Outcome.FAIL}


def test_a_cut_archive_is_told(tmp_path: Path) -> None:
    folder = healthy(tmp_path / "m")
    pickled(folder, b"\x80\x02}.")
    path = folder / "pytorch_model.bin"
    path.write_bytes(path.read_bytes()[:-30])
    assert found_in(folder) == {"pickled-checkpoint-is-cut": Outcome.FAIL}


def test_the_index_of_transformers_goes_before_that_of_mistral(tmp_path: Path) -> None:
    folder = healthy(tmp_path / "m")
    sharded(folder)
    other = {"weight_map": {"tok_embeddings.weight": "consolidated-00001-of-00001.safetensors"}}
    (folder / "consolidated.safetensors.index.json").write_text(json.dumps(other))
    index = read_model_folder(folder).index
    assert index is not None
    assert index.path == "model.safetensors.index.json"


def adapter(folder: Path, base: Path, *, width: int = 64, second: float = 0.5) -> Path:
    """Write a LoRA of rank 4 for the queries."""
    folder.mkdir()
    config = {"peft_type": "LORA", "r": 4, "base_model_name_or_path": str(base)}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    stem = "base_model.model.model.layers.0.self_attn.q_proj"
    shapes = {f"{stem}.lora_A.weight": (4, width), f"{stem}.lora_B.weight": (64, 4)}
    values = {f"{stem}.lora_B.weight".replace(".", "_"): struct.pack("<f", second)}
    write(folder / "adapter_model.safetensors", shapes, **values)
    return folder


def test_a_healthy_adapter_has_nothing(tmp_path: Path) -> None:
    base = healthy(tmp_path / "base")
    assert found_in(adapter(tmp_path / "a", base)) == {}


def test_an_adapter_of_another_width_or_without_learning_is_told(tmp_path: Path) -> None:
    base = healthy(tmp_path / "base")
    wide = adapter(tmp_path / "wide", base, width=128)
    assert found_in(wide) == {"adapter-does-not-fit-its-base": Outcome.FAIL}
    fresh = adapter(tmp_path / "fresh", base, second=0.0)
    assert found_in(fresh) == {"adapter-was-saved-untrained": Outcome.FAIL}
