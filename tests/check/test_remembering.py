"""What is computed of a folder is computed once, and never taken for another's."""

import re

from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.remembering import remembered
from firstmile.check.tensor_names import layout_of
from firstmile.check.weight_files import stored, weights_that_load
from firstmile.check.worlds import LLAMA, folder, shard


def test_the_same_thing_is_computed_once_and_an_equal_one_anew() -> None:
    asked: list[tuple[list[int], bool]] = []

    @remembered
    def count(things: list[int], doubled: bool) -> int:
        """Count."""
        asked.append((things, doubled))
        return len(things) * (2 if doubled else 1)

    first, equal = [1, 2], [1, 2]
    assert [count(first, False), count(first, False), count(first, True)] == [2, 2, 4]
    assert len(asked) == 2
    assert count(equal, False) == 2
    assert len(asked) == 3
    assert count.__doc__ == "Count."


def test_folders_that_are_alike_have_answers_of_their_own() -> None:
    tensors = {"model.layers.0.mlp.up_proj.weight": ("BF16", (8, 8))}
    one, other = (folder(config=LLAMA, shards=[shard(tensors)]) for _ in range(2))
    assert stored(one) is stored(one)
    assert stored(one) is not stored(other)
    assert weights_that_load(one) == weights_that_load(other)
    assert layout_of(one) is layout_of(one)


def test_experts_are_told_apart_by_what_stands_around_their_number() -> None:
    names = [
        *(f"model.layers.0.mlp.experts.{n}.up_proj.weight" for n in range(3)),
        "model.layers.0.mlp.shared_experts.up_proj.weight",
        "model.layers.1.mlp.experts.0.up_proj.weight",
        "model.layers.0.mlp.experts.3.up_proj.weight",
        "model.layers.0.mlp.experts.4.down_proj.weight",
        "model.layers.0.mlp.experts.x.up_proj.weight",
    ]
    tensors: dict[str, tuple[str, tuple[int, ...]]] = dict.fromkeys(names, ("BF16", (8, 8)))
    tensors[names[1]] = ("BF16", (8, 4))
    layout = layout_of(folder(shards=[shard(tensors)]))
    assert layout is not None
    counts = {
        place: {name: group.count for name, group in groups.items()}
        for place, groups in layout.experts.items()
    }
    ups, downs = "mlp.experts.*.up_proj.weight", "mlp.experts.*.down_proj.weight"
    assert counts == {0: {ups: 4, downs: 1}, 1: {ups: 1}}
    assert [one.name for one in layout.experts[0][ups].others] == [names[1]]
    assert set(layout.layers[0]) == {
        "mlp.shared_experts.up_proj.weight",
        "mlp.experts.x.up_proj.weight",
    }


@given(
    st.dictionaries(
        st.builds(
            "model.layers.{}.mlp.{}experts.{}.{}_proj.weight".format,
            st.integers(0, 12),
            st.sampled_from(["", "shared_"]),
            st.sampled_from(["0", "1", "10", "2", "x"]),
            st.sampled_from(["up", "down"]),
        ),
        st.sampled_from([(8, 8), (8, 4)]),
        min_size=1,
        max_size=60,
    )
)
def test_layers_that_repeat_each_other_are_read_as_if_each_stood_alone(
    shapes: dict[str, tuple[int, ...]],
) -> None:
    shapes = {"model.layers.0.input_layernorm.weight": (8,)} | shapes
    tensors = {name: ("BF16", shape) for name, shape in shapes.items()}
    layout = layout_of(folder(shards=[shard(tensors)]))
    assert layout is not None
    wanted: dict[tuple[int, str], list[str]] = {}
    for name in sorted(shapes):
        parts = re.fullmatch(r"model\.layers\.(\d+)\.(mlp\.\w*experts\.)\d+(\..*)", name)
        if parts:
            wanted.setdefault((int(parts[1]), f"{parts[2]}*{parts[3]}"), []).append(name)
    found = {
        (place, name): group
        for place, groups in layout.experts.items()
        for name, group in groups.items()
    }
    assert found.keys() == wanted.keys()
    for key, names in wanted.items():
        others = [name for name in names if shapes[name] != shapes[names[0]]]
        assert (found[key].count, found[key].first.name) == (len(names), names[0])
        assert [one.name for one in found[key].others] == others[:3]
