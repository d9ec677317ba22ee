"""What samples say of numbers is what numpy says of them, and large folders are seen all over."""

import struct
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.facts.model_folder.folder import Shard, Tensor
from firstmile.facts.model_folder.samples import SURELY, read_samples
from firstmile.facts.model_folder.source import Source

WIDTHS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E5M2": 1, "F8_E4M3": 1}


def numbers(dtype: str, data: bytes) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the numbers that bytes stand for; E4M3 by its formula."""
    if dtype in ("F64", "F32", "F16"):
        kind = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[dtype]
        with np.errstate(invalid="ignore"):
            return np.frombuffer(data, dtype=kind).astype("f8")
    if dtype == "BF16":
        wide = np.frombuffer(data, dtype="<u2").astype("<u4") << 16
        with np.errstate(invalid="ignore"):
            return wide.view("<f4").astype("f8")
    bits = np.frombuffer(data, dtype="u1")
    if dtype == "F8_E5M2":
        with np.errstate(invalid="ignore"):
            return (bits.astype("<u2") << 8).view("<f2").astype("f8")
    exponent, part = (bits >> 3 & 15).astype("i4"), bits & 7
    found = np.where(exponent > 0, (1 + part / 8) * 2.0 ** (exponent - 7), part / 8 * 2.0**-6)
    return np.where((bits & 127) == 127, np.nan, np.where(bits > 127, -found, found))


@pytest.mark.parametrize("dtype", WIDTHS)
@given(data=st.binary(min_size=8, max_size=96).map(lambda data: data[: len(data) // 8 * 8]))
def test_samples_are_counted_as_numpy_counts(
    dtype: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("model")
    (folder / "model.safetensors").write_bytes(b"12345678" + data)
    tensor = Tensor("a", dtype, (len(data) // WIDTHS[dtype],), 0, len(data))
    shard = Shard(
        path="model.safetensors", size_bytes=8 + len(data), header_bytes=8, tensors=(tensor,)
    )
    (one,) = read_samples(Source(folder), [shard], seconds=60.0).samples
    values = numbers(dtype, data)
    finite = np.abs(values[np.isfinite(values)])
    assert one.read == len(values)
    assert one.nan == np.count_nonzero(np.isnan(values))
    assert one.infinite == np.count_nonzero(np.isinf(values))
    assert one.zero == np.count_nonzero(values == 0)
    assert one.largest == (None if not len(finite) else finite.max())


def test_of_many_tensors_embeddings_come_first_and_then_all_files_are_seen(tmp_path: Path) -> None:
    shards = []
    for number in range(10):
        path = f"{number}.safetensors"
        names = [f"layers.{number}.mlp.experts.{part}.up_proj.weight" for part in range(64)]
        names.insert(number, f"layers.{number}.norm.weight")
        tensors = tuple(Tensor(name, "BF16", (2,), 0, 4) for name in names)
        (tmp_path / path).write_bytes(struct.pack("<4H", 0, 0, 0x3F80, 0))
        shards.append(Shard(path=path, size_bytes=8, header_bytes=4, tensors=tensors))
    found = read_samples(Source(tmp_path), shards, most_bytes=4 * 30)
    assert found.possible == 650
    assert all("norm" in one.tensor for one in found.samples[:10])
    assert len({one.path for one in found.samples[10:]}) == 10
    everything = read_samples(Source(tmp_path), shards, seconds=60)
    assert len({(one.path, one.tensor) for one in everything.samples}) == 650


def test_what_cannot_be_sampled_is_counted_neither_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0" * 8)
    tensors = (
        Tensor("norm.weight", "F32", (2,), 0, 8),
        Tensor("cut.weight", "F32", (9,), 8, 44),
        Tensor("packed.weight", "I32", (1,), 0, 4),
    )
    shard = Shard(path="a", size_bytes=8, header_bytes=0, tensors=tensors)
    found = read_samples(Source(tmp_path), [shard])
    assert ([one.tensor for one in found.samples], found.possible) == (["norm.weight"], 1)


def test_so_many_tensors_are_looked_into_however_busy_the_machine_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0\0" * 200)
    tensors = tuple(Tensor(f"{n}.up_proj", "BF16", (1,), 2 * n, 2 * n + 2) for n in range(200))
    shard = Shard(path="a", size_bytes=400, header_bytes=0, tensors=tensors)

    def looked_at(step: float) -> int:
        times = count(0.0, step)
        found = read_samples(Source(tmp_path), [shard], seconds=1.0, clock=lambda: next(times))
        return len(found.samples)

    assert looked_at(0.001) == 200
    assert looked_at(0.03) == looked_at(0.09) == SURELY
    assert looked_at(1.0) < 20
