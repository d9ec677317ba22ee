"""The folder of full size that reading and judging are timed on."""

import json
from math import prod
from pathlib import Path

from bench.model_folders import make_folder, tensors_of

MEASURED = json.loads((Path(__file__).parent / "measured.json").read_text(encoding="utf-8"))


def test_it_has_every_number_of_deepseek_v3() -> None:
    shapes = [shape for name, _, shape in tensors_of(61) if not name.endswith("_scale_inv")]
    biases = 58 * 256
    assert sum(map(prod, shapes)) == MEASURED["weights"]["DeepSeek-V3"] // 2 + biases


def test_its_shards_hold_each_tensor_once_and_their_index_names_them(tmp_path: Path) -> None:
    make_folder(tmp_path, shards=7, layers=4)
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text(encoding="utf-8"))
    named = [name for name, _, _ in tensors_of(4)]
    assert list(index["weight_map"]) == named
    assert len(set(named)) == len(named)
    assert len(set(index["weight_map"].values())) == 7
