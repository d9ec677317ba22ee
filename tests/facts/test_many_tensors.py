"""Headers and indexes of many tensors: what is made in bulk is what the files state."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.experts import apart
from firstmile.check.weight_files import stored
from firstmile.facts.model_folder.folder import Tensor
from firstmile.facts.model_folder.reading import read_model_folder

NAMES = [f"model.layers.{n // 40}.mlp.experts.{n % 40}.up_proj.weight" for n in range(1_200)]
FILES = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]


def write(folder: Path, weight_map: dict[str, str], dtype: str = "BF16") -> None:
    for file in FILES:
        names = [name for name, place in weight_map.items() if place == file]
        stated = {
            name: {"dtype": dtype, "shape": [2, 2], "data_offsets": [8 * at, 8 * at + 8]}
            for at, name in enumerate(names)
        }
        text = json.dumps({"__metadata__": {"format": "pt"}, **stated}).encode()
        data = len(text).to_bytes(8, "little") + text + bytes(8 * len(names))
        (folder / file).write_bytes(data)
    index = {"metadata": {"total_size": 8 * len(weight_map)}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "config.json").write_text("{}")


def test_number_types_that_are_seldom_are_read_as_the_usual_ones(tmp_path: Path) -> None:
    weights = {name: FILES[at % 2] for at, name in enumerate(NAMES)}
    for dtype in ("BF16", "F6_E2M3", "F3_NEW"):
        write(tmp_path, weights, dtype)
        read = read_model_folder(tmp_path)
        assert [shard.problem for shard in read.shards] == [None, None]
        first = read.shards[0].tensors
        assert first[1] == Tensor(NAMES[2], dtype, (2, 2), 8, 16)
        assert len(first) + len(read.shards[1].tensors) == len(NAMES)
        assert read.shards[0].metadata == {"format": "pt"}


def test_an_index_says_what_it_says_of_files_that_are_there_and_that_are_not(
    tmp_path: Path,
) -> None:
    weights = {name: FILES[at % 2] for at, name in enumerate(NAMES)}
    write(tmp_path, weights)
    read = read_model_folder(tmp_path)
    assert read.index is not None
    assert read.index.weight_map == weights
    assert stored(read).is_as_indexed
    (tmp_path / FILES[1]).unlink()
    read = read_model_folder(tmp_path)
    assert read.index is not None
    assert read.index.weight_map == weights
    assert not stored(read).is_as_indexed
    assert stored(read).unread == "1 of 2 files is missing"


def test_a_tensor_in_another_file_than_the_index_says_is_found_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, {name: FILES[at % 2] for at, name in enumerate(NAMES)})
    swapped = {name: FILES[(at + 1) % 2] for at, name in enumerate(NAMES)}
    index = {"metadata": {}, "weight_map": swapped}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    found = stored(read_model_folder(tmp_path))
    assert not found.is_as_indexed
    assert found.tensors.keys() == swapped.keys()
    assert found.tensors[NAMES[7]].name == NAMES[7]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["mlp.", "mlp.shared_", ""]),
            st.sampled_from(["0", "1", "10", "2", "x"]),
            st.sampled_from(["up", "down"]),
        ),
        unique=True,
        max_size=60,
    ),
    st.lists(st.sampled_from([(8, 8), (8, 4)]), min_size=60, max_size=60),
)
def test_experts_are_the_same_in_whatever_order_they_stand(
    parts: list[tuple[int, str, str, str]], shapes: list[tuple[int, ...]]
) -> None:
    made = [
        Tensor(f"model.layers.{layer}.{before}experts.{number}.{name}", "BF16", shape, 0, 0)
        for (layer, before, number, name), shape in zip(parts, shapes, strict=False)
    ]
    made.append(Tensor("experts.0.up", "BF16", (8, 8), 0, 0))
    assert apart(made) == apart(sorted(made, key=lambda one: one.name))
    assert apart(made) == apart(made[::-1])
