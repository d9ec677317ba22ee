"""A snapshot of another machine is judged by its own variables and its own model."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.check.checkup import Checkup
from firstmile.check.examining import check
from firstmile.check.machine_worlds import computer
from firstmile.check.unit import load_check
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.environment import Variable
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.saving import snapshot_text


def saved(at: Path, model: ModelFolder | None = None, **variables: str) -> Path:
    """Write a snapshot of a machine with variables to a file."""
    made = computer(variables=[Variable(name=key, value=each) for key, each in variables.items()])
    file = at / "s.json"
    file.write_text(snapshot_text(world(model, made)), encoding="utf-8")
    return file


def looked_at(name: str, **given: Any) -> Checkup:
    """Return what one check says of what is given."""
    one = load_check(name)
    assert one is not None
    return check(checks=[one], **given)


THREADS = "threads-do-not-fit-the-processor"


def test_a_snapshot_is_judged_by_its_own_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "999")
    command = "python train.py --output_dir o"
    (here,) = looked_at(THREADS, command=command, snapshots=[saved(tmp_path)]).findings
    assert here.outcome.value != "WARN"
    there = saved(tmp_path, OMP_NUM_THREADS="999")
    monkeypatch.delenv("OMP_NUM_THREADS")
    (told,) = looked_at(THREADS, command=command, snapshots=[there]).findings
    assert any("999" in each.text for each in told.evidence)


def test_variables_of_this_machine_are_not_put_into_a_snapshots_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    (tmp_path / "run.sh").write_text("vllm serve ${WHICH:-a} --port 8001\n")
    monkeypatch.setenv("WHICH", "b")
    monkeypatch.chdir(tmp_path)
    found = looked_at(THREADS, command="bash run.sh", snapshots=[saved(tmp_path)])
    assert [each.reason for each in found.not_known if each.what == "model"] == [
        "a is no folder or file here"
    ]


def test_the_model_of_a_snapshot_is_not_replaced_by_one_that_is_found_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    name = "config-names-no-model-type"
    file = saved(tmp_path, folder(config=LLAMA))
    (brought,) = looked_at(name, command="vllm serve ./model", snapshots=[file]).findings
    assert brought.outcome.value == "pass"
    (named,) = looked_at(name, model=tmp_path / "model", snapshots=[file]).findings
    assert named.outcome.value == "fail"


def test_a_path_that_only_an_image_has_is_not_looked_up_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    name = "config-names-no-model-type"
    text = f"docker run vllm/vllm-openai --model {tmp_path}"
    (inside,) = looked_at(name, command=text).findings
    assert inside.outcome.value == "skip"
    text = f"docker run -v {tmp_path}:/m vllm/vllm-openai --model /m"
    (mounted,) = looked_at(name, command=text).findings
    assert mounted.outcome.value == "fail"


def test_a_model_is_looked_up_in_the_folder_that_the_command_changes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.json").write_text("{}")
    (tmp_path / "there" / "m").mkdir(parents=True)
    (tmp_path / "there" / "m" / "config.json").write_text(json.dumps(dict(LLAMA)))
    (tmp_path / "there" / "run.sh").write_text('cd "$(dirname "$0")"\nvllm serve ./m\n')
    name = "config-names-no-model-type"
    for text in (
        "bash -c 'cd there && vllm serve m'",
        "env -C there vllm serve m",
        "uv --directory there run vllm serve ./m",
        "bash there/run.sh",
        "docker run -v $PWD/there:/w -w /w x vllm serve ./m".replace("$PWD", str(tmp_path)),
    ):
        (found,) = looked_at(name, command=text).findings
        assert found.outcome.value == "pass", text


@pytest.mark.parametrize(
    "command", ["axolotl train gone.yaml", "trl sft --config $CONFIG", "vllm serve --config c.yaml"]
)
def test_a_command_whose_file_nobody_could_read_was_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check(command=command, snapshots=[saved(tmp_path)]).exit_status == 2
