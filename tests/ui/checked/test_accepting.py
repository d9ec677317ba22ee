"""Findings that are accepted in `firstmile.toml`, and by whose file."""

import json
from pathlib import Path

import pytest

from ui.command_line import Command

from .asking import TOO_LONG, accept, found, serve, told


def test_an_accepted_failure_is_counted_and_fails_nothing(command: Command, model: Path) -> None:
    accept('reason = "the rest is cut off"')
    run = ("--only", TOO_LONG, *serve(model, "--max-model-len", "4096"))
    status, data = told(command, *run)
    assert status == 0
    assert data["counts"]["suppressed"] == 1
    assert data["smallest_change"] is None
    assert found(data, TOO_LONG)["suppressed"]["reason"] == "the rest is cut off"
    _, out = command("check", "--all", *run)
    assert "Accepted: the rest is cut off" in out
    _, out = command("check", *run)
    assert "A context of 4,096" not in out


@pytest.mark.parametrize("asked", [".", "m.gguf", "..", "command"])
def test_settings_that_come_with_the_model_are_said_and_not_followed(
    command: Command, model: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    place = model / "inner" if asked == ".." else model
    place.mkdir(exist_ok=True)
    (place / "m.gguf").write_bytes(b"GGUF")
    monkeypatch.chdir(place)
    accept('reason = "hidden"')
    named = [] if asked == "command" else [asked]
    asks = (*named, *serve("." if asked == "command" else asked, "--max-model-len", "4096"))
    status, data = told(command, "--only", TOO_LONG, *asks)
    assert status == (1 if asked != "m.gguf" else data["exit_status"])
    assert data["counts"]["suppressed"] == 0
    assert "lies in the model's own folder" in data["notes"][0]
    for style in ("text", "markdown", "html", "sarif", "junit"):
        assert "own folder, may have come" in command("check", "--format", style, *asks)[1].replace(
            "\n", " "
        )
    if asked != "m.gguf":
        status, data = told(command, "--only", TOO_LONG, "--config", "firstmile.toml", *asks)
        assert (status, data["counts"]["suppressed"]) == (0, 1)
        assert not any("own folder" in one for one in data["notes"])


@pytest.mark.parametrize("named_by", ["adapter", "command", "tokenizer"])
def test_settings_that_come_with_a_base_an_adapter_or_a_tokenizer_are_not_followed(
    command: Command,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named_by: str,
) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    config = {"peft_type": "LORA", "base_model_name_or_path": str(model)}
    (adapter / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    asks = {
        "adapter": (str(adapter), *serve(model, "--max-model-len", "4096")),
        "command": tuple(serve(model, "--lora-modules", f"x={adapter}", "--max-model-len", "4096")),
        "tokenizer": tuple(serve(model, "--tokenizer", str(adapter), "--max-model-len", "4096")),
    }[named_by]
    monkeypatch.chdir(model if named_by == "adapter" else adapter)
    accept('reason = "hidden"')
    _, data = told(command, *asks)
    assert data["counts"]["suppressed"] == 0
    assert any("lies in the model's own folder" in one for one in data["notes"])


def test_settings_of_the_working_folder_above_the_model_are_followed(
    command: Command, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    accept('reason = "mine"')
    (model / "firstmile.toml").write_text("nonsense", encoding="utf-8")
    status, data = told(command, "--only", TOO_LONG, *serve("model", "--max-model-len", "4096"))
    assert (status, data["counts"]["suppressed"]) == (0, 1)
    assert not any("own folder" in one for one in data["notes"])


def test_a_suppression_that_is_over_counts_for_nothing(command: Command, model: Path) -> None:
    accept('reason = "for now"\nuntil = 2020-01-01')
    status, out = command("check", *serve(model, "--max-model-len", "4096"))
    assert status == 1
    assert "ended on 2020-01-01" in out


def test_a_mistake_in_the_settings_is_a_sentence(command: Command, tmp_path: Path) -> None:
    accept("")
    assert "gives no reason" in command.refused("check")
    other = tmp_path / "other.toml"
    other.write_text("[check]\nfoo = 1\n", encoding="utf-8")
    assert "which nothing reads" in command.refused("check", "--config", other)
    assert "is not there" in command.refused("check", "--config", tmp_path / "absent.toml")
    assert "is not there" in command.refused("check", "--config", tmp_path)
