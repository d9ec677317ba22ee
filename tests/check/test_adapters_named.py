"""Adapters that a command puts on its model are read and judged as one that is given directly."""

import json
import struct
from pathlib import Path

import pytest

from firstmile.check.adapters_named import adapter_paths
from firstmile.check.examining import check
from firstmile.findings import Outcome

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "vocab_size": 128,
    "max_position_embeddings": 512,
}
QUERY = "model.layers.0.self_attn.q_proj"


def safetensors(path: Path, shapes: dict[str, tuple[int, int]]) -> None:
    at = 0
    header = {}
    for name, (rows, columns) in shapes.items():
        end = at + 4 * rows * columns
        header[name] = {"dtype": "F32", "shape": [rows, columns], "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\x00\x00\x80\x3f" * (at // 4))


def adapter(folder: Path, rank: int, width: int = 64) -> None:
    folder.mkdir()
    made = {"peft_type": "LORA", "r": rank, "lora_alpha": 16, "base_model_name_or_path": "base"}
    (folder / "adapter_config.json").write_text(json.dumps(made))
    stem = f"base_model.model.{QUERY}"
    shapes = {f"{stem}.lora_A.weight": (rank, width), f"{stem}.lora_B.weight": (width, rank)}
    safetensors(folder / "adapter_model.safetensors", shapes)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    (tmp_path / "base/config.json").write_text(json.dumps(CONFIG))
    safetensors(tmp_path / "base/model.safetensors", {f"{QUERY}.weight": (64, 64)})
    return tmp_path


def failing(command: str) -> dict[str, str]:
    found = check(command=command)
    return {
        each.source: each.message
        for each in found.findings
        if each.outcome is Outcome.FAIL and any(w in each.source for w in ("adapter", "names"))
    }


SERVE = "vllm serve ./base --enable-lora --lora-modules"


@pytest.mark.parametrize(
    ("modules", "paths"),
    [
        (("sql=./a", "./b"), ("./a", "./b")),
        (('{"name": "x", "path": "./c", "base_model_name": "y"}',), ("./c",)),
        (('{"lora_name": "x", "lora_path": "./d", "pinned": true}',), ("./d",)),
        (("{no json",), ("{no json",)),
        (None, ()),
    ],
)
def test_paths_are_read_from_all_forms(modules: object, paths: tuple[str, ...]) -> None:
    assert adapter_paths(modules) == paths


def test_each_of_several_adapters_is_held_against_the_limit_of_the_server(here: Path) -> None:
    adapter(here / "low", 8)
    adapter(here / "high", 64)
    found = failing(f"{SERVE} a=./low b=./high")
    assert list(found) == ["adapter-rank-is-above-the-server-limit"]
    assert found["adapter-rank-is-above-the-server-limit"].endswith("(high).")
    wide = f"{SERVE} a=./low b=./high --max-lora-rank 64"
    assert not failing(wide)


def test_an_adapter_of_another_model_is_told(here: Path) -> None:
    adapter(here / "other", 8, width=96)
    assert "adapter-does-not-fit-its-base" in failing(f"{SERVE} a=./other")
    sglang = "python -m sglang.launch_server --model-path ./base --lora-paths"
    assert "adapter-does-not-fit-its-base" in failing(f"{sglang} a=./other")


def test_a_folder_that_is_not_there_and_one_that_holds_no_adapter_are_told(here: Path) -> None:
    (here / "empty").mkdir()
    assert "file-that-the-command-names-is-not-there" in failing(f"{SERVE} a=./nosuch")
    assert "what-is-named-as-an-adapter-is-none" in failing(f"{SERVE} a=./empty")


def test_a_name_of_the_hub_is_not_looked_for_as_a_folder(here: Path) -> None:
    assert "file-that-the-command-names-is-not-there" not in failing(f"{SERVE} a=owner/name")


def test_files_that_llama_cpp_opens_beside_the_model_are_looked_for(here: Path) -> None:
    (here / "m.gguf").write_bytes(b"GGUF")
    for option in ("--lora", "--mmproj", "--model-draft"):
        found = failing(f"llama-server -m m.gguf {option} nosuch.gguf")
        assert "nosuch.gguf" in found["file-that-the-command-names-is-not-there"]


def test_a_tokenizer_beside_the_model_is_looked_for_and_held_against_its_rows(here: Path) -> None:
    assert "file-that-the-command-names-is-not-there" in failing(
        "vllm serve ./base --tokenizer ./nosuch"
    )
    (here / "other").mkdir()
    words = {f"w{number}": number for number in range(140)}
    inner = {"type": "WordLevel", "vocab": words, "unk_token": "w0"}
    made = {"version": "1.0", "added_tokens": [], "model": inner}
    (here / "other/tokenizer.json").write_text(json.dumps(made))
    found = check(command="vllm serve ./base --tokenizer ./other").findings
    (one,) = [each for each in found if each.source == "added-token-has-no-row-in-the-embedding"]
    assert one.outcome is Outcome.FAIL
    assert "128 rows" in one.message


def test_an_adapter_with_whole_modules_is_told(here: Path) -> None:
    adapter(here / "whole", 8)
    path = here / "whole/adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "modules_to_save": ["lm_head"]}))
    assert "adapter-is-of-a-kind-that-vllm-does-not-serve" in failing(f"{SERVE} a=./whole")


def test_settings_that_lie_in_the_folder_of_a_second_adapter_are_not_followed(here: Path) -> None:
    adapter(here / "low", 8)
    adapter(here / "high", 64)
    (here / "high/firstmile.toml").write_text("")
    command = f"vllm serve {here}/base --enable-lora --lora-modules a={here}/low b={here}/high"
    found = check(command=command, working_folder=here / "high")
    assert any("was not followed" in one for one in found.notes)
