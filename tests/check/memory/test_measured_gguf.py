"""What is told of GGUF files against what llama.cpp laid out, as bench/memory.py measured it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import small_files
from bench.gguf_headers import header_of
from bench.gguf_writing import write
from bench.memory_gguf import DTYPES, Refusal, Row, as_read, gguf_parser, known, measure, rows
from bench.memory_gguf_page import section, summary

from firstmile.facts.model_folder.reading import read_model_folder

HERE = Path(__file__).parent


def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return found


CONFIGS = table("published_configs.json")
MEASURED = table("measured_gguf.json")
TRANSFORMERS = table("measured.json")["weights"]
OTHERS = ("Llama 4", "Gemma 3 4B", "Gemma 3 27B", "Falcon", "GLM-4.5")
"""Their GGUF files hold other tensors than the model: no part for images, or a head of its own."""


@pytest.mark.parametrize("name", known(CONFIGS))
def test_caches_and_weights_are_those_that_llama_cpp_lays_out(name: str) -> None:
    every = list(rows(MEASURED, {name: CONFIGS[name]}))
    found = [row for row in every if isinstance(row, Row)]
    assert len(found) >= len(every) - 2
    for row in found:
        assert row.cache.ours == pytest.approx(row.cache.real, rel=0.001)
        assert row.weights.ours == row.weights.real
        assert row.total.ours == pytest.approx(row.total.real, rel=0.1)
        assert row.within


@pytest.mark.parametrize("kind", small_files.SMALL)
def test_caches_of_other_kinds_are_those_that_llama_cpp_lays_out(kind: str) -> None:
    for name, caches in MEASURED["small"][kind].items():
        rounding = 0.0051 * len(caches)
        assert small_files.told(kind, small_files.RUNS[name]) == pytest.approx(
            sum(caches), abs=rounding
        )


@pytest.mark.parametrize("name", ["Llama 3.2 1B", "DeepSeek-V3", "Qwen3-Next 80B-A3B"])
def test_a_file_is_read_as_its_header_was_written(name: str, tmp_path: Path) -> None:
    header = header_of(CONFIGS[name], "Q8_0")
    write(header, tmp_path / "model.gguf")
    (read,) = read_model_folder(tmp_path).ggufs
    described = as_read(header)
    assert read.problem is None
    assert [(one.name, one.shape, one.dtype) for one in read.tensors] == [
        (one.name, one.shape, one.dtype) for one in described.tensors
    ]
    assert read.metadata == pytest.approx(dict(described.metadata))
    assert read.tensors[-1].end + read.data_start <= (tmp_path / "model.gguf").stat().st_size


@pytest.mark.parametrize("name", [each for each in known(CONFIGS) if not each.startswith(OTHERS)])
def test_headers_hold_the_numbers_of_the_model(name: str) -> None:
    header = header_of(CONFIGS[name], "F16")
    numbers = 0
    for tensor in header.tensors:
        count = 1
        for width in tensor.shape:
            count *= width
        numbers += count
    assert 2 * numbers == pytest.approx(TRANSFORMERS[name], rel=1e-5)


def test_the_page_says_what_was_not_run() -> None:
    few = {name: CONFIGS[name] for name in ("Phi-2", "Gemma 3 1B")}
    alone = {**MEASURED, "gguf-parser": None}
    told = "\n".join([*summary(alone, few), *section(alone, few)])
    assert "gguf-parser not run" in told
    assert "| not run |" in told
    assert "does not start Phi-2: `K cache type q8_0" in told
    assert "Where gguf-parser and llama.cpp differ" not in told


def test_tools_that_are_not_there_are_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FIRSTMILE_GGUF_PARSER", raising=False)
    assert gguf_parser() is None
    monkeypatch.setenv("FIRSTMILE_GGUF_PARSER", str(tmp_path / "gguf-parser"))
    assert gguf_parser() is None
    assert measure(Path(sys.executable), CONFIGS, tmp_path) is None


def test_what_llama_cpp_refuses_is_no_row() -> None:
    found = list(rows(MEASURED, {"Phi-2": CONFIGS["Phi-2"]}))
    assert sum(isinstance(each, Refusal) for each in found) == 2
    assert set(DTYPES) == {"F16", "Q8_0"}
