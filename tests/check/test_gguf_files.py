"""Which GGUF file of a folder is meant, and that its memory is its own."""

from typing import Any

import pytest

from firstmile.check.gguf_files import leading, meant
from firstmile.check.intent import Action, Intent
from firstmile.check.memory import Sizing, estimate
from firstmile.check.model_sizes import sizes_of, stated_in
from firstmile.check.worlds import folder, gpu, machine, world
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Tensor

QUARTER, HALF = 4_000_000_000, 8_000_000_000
SETTINGS = {
    "general.architecture": "llama",
    "llama.block_count": 32,
    "llama.embedding_length": 4096,
    "llama.feed_forward_length": 14336,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
    "llama.context_length": 8192,
}


def gguf(
    path: str, size: int, stated: dict[str, Any] | None = None, problem: str | None = None
) -> Gguf:
    return Gguf(
        path=path,
        size_bytes=size,
        version=3,
        metadata={**SETTINGS, **(stated or {})},
        tensors=(Tensor("blk.0.ffn_up.weight", "Q4_K", (4096, 14336), 0, size),),
        data_start=0,
        problem=problem,
    )


def projector() -> Gguf:
    stated = {"general.architecture": "clip", "general.type": "mmproj"}
    return gguf("mmproj-F16.gguf", 900_000_000, stated)


def side_by_side() -> ModelFolder:
    files = (gguf("M-Q4_K_M.gguf", QUARTER), gguf("M-Q8_0.gguf", HALF), projector())
    return folder(kind="gguf", ggufs=files)


def serve(model: str | None) -> Intent:
    return Intent(action=Action.SERVE, engine="llama.cpp", model=model, context=4096, gpu_layers=-1)


def weights(model: ModelFolder, name: str | None) -> float | str:
    found = estimate(world(model, machine(gpus=[gpu("card", 24, "8.9")])), serve(name))
    return found.weights.likely if isinstance(found, Sizing) else found


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("M-Q4_K_M.gguf", QUARTER),
        ("/models/m/M-Q8_0.gguf", HALF),
        ("owner/m-GGUF:Q4_K_M", QUARTER),
        ("owner/m-GGUF:q8_0", HALF),
    ],
)
def test_of_several_quantizations_the_one_that_is_named_counts(name: str, size: int) -> None:
    assert weights(side_by_side(), name) == size


@pytest.mark.parametrize("name", [None, "./m", "owner/m-GGUF", "owner/m-GGUF:Q2_K"])
def test_several_quantizations_of_which_none_is_named_have_no_size(name: str | None) -> None:
    assert "which of the 2 GGUF models" in str(weights(side_by_side(), name))


def test_parts_of_one_model_are_added_up_and_a_projector_is_apart() -> None:
    parts = [gguf(f"M-0000{n}-of-00002.gguf", QUARTER, {"split.count": 2}) for n in (1, 2)]
    model = folder(kind="gguf", ggufs=(projector(), *parts))
    assert weights(model, None) == 2 * QUARTER
    assert weights(model, "M-00001-of-00002.gguf") == 2 * QUARTER


def test_a_part_that_cannot_be_read_leaves_the_size_unknown() -> None:
    parts = (
        gguf("M-00001-of-00002.gguf", QUARTER, {"split.count": 2}),
        gguf("M-00002-of-00002.gguf", QUARTER, problem="it is cut"),
    )
    for there in (parts, parts[:1]):
        assert weights(folder(kind="gguf", ggufs=there), None) == "the headers of all parts of M"


def test_sizes_are_those_of_the_language_model() -> None:
    there = world(folder(kind="gguf", ggufs=(projector(), gguf("z.gguf", QUARTER))))
    sizes = sizes_of(there)
    assert sizes is not None
    assert (sizes.layers, stated_in(there)) == (32, "z.gguf")


def test_a_folder_whose_only_file_is_refused_has_no_model() -> None:
    model = folder(kind="gguf", ggufs=(gguf("z.gguf", QUARTER, problem="it is cut"),))
    assert leading(model) is None
    assert meant(model, serve(None)) == "the header of a GGUF model"
