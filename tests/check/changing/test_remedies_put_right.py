"""What one page says of a run that does not work: the fixes, the memory and the change agree."""

import re
from pathlib import Path

import pytest
from bench.smallest_changes import CONFIGS, MACHINES

from firstmile.check.changing import Change, NothingWorks
from firstmile.check.changing.flags import Edit, settings_of
from firstmile.check.checkup import Checkup
from firstmile.check.examining import check
from firstmile.check.memory import Sizing
from firstmile.check.unit import load_check
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.saving import snapshot_text
from firstmile.findings import Outcome

FITTING = (
    "context-does-not-fit-in-the-space-for-keys-and-values",
    "main-memory-is-too-small-for-the-run",
    "parallel-size-is-larger-than-the-visible-gpus",
    "tensor-parallel-size-does-not-divide-the-heads",
    "weights-do-not-fit-on-the-devices",
)
LONG = {**CONFIGS["Llama 3 8B"], "max_position_embeddings": 131_072}


def checked(at: Path, command: str, place: str | None, memory: float = 256) -> Checkup:
    """Say of a command what the checks of fitting say, on a saved machine and model."""
    gpus = () if place is None else MACHINES[place]
    told = snapshot_text(world(folder(config=LONG), machine(gpus=gpus, memory_gib=memory)))
    (at / "s.json").write_text(told, encoding="utf-8")
    (at / "m").mkdir(exist_ok=True)
    wanted = [one for name in FITTING if (one := load_check(name)) is not None]
    assert len(wanted) == len(FITTING)
    return check(command=command, snapshots=[at / "s.json"], checks=wanted)


@pytest.mark.parametrize(
    ("command", "place", "memory", "fix"),
    [
        ("vllm serve ./m", "one RTX 4090", 256, "Set --max-model-len {longest}."),
        ("vllm serve ./m", None, 24, "Set --max-model-len {longest}."),
        ("vllm serve ./m -tp 8", "four A100", 256, "Set -tp 4."),
        ("vllm serve ./m -tp 3", "one H100", 256, "Set -tp 1."),
        ("vllm serve ./m --tensor-parallel-size=16", "eight H100", 256, None),
    ],
)
def test_every_finding_that_the_change_puts_right_names_that_change_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    place: str | None,
    memory: float,
    fix: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    found = checked(tmp_path, command, place, memory)
    assert isinstance(found.change, Change)
    assert isinstance(found.sizing, Sizing)
    grave = found.counted(Outcome.FAIL, Outcome.WARN)
    assert grave
    wanted = fix or "Set --tensor-parallel-size=8."
    assert {one.remedy for one in grave} == {wanted.format(longest=found.sizing.longest)}
    again = checked(tmp_path, found.change.command, place, memory)
    assert again.counted(Outcome.FAIL, Outcome.WARN) == ()
    assert again.change is None


def test_what_the_change_leaves_wrong_keeps_its_own_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = checked(tmp_path, "vllm serve ./m", "one T4", 5)
    left = {"main-memory-is-too-small-for-the-run"}
    remedies = {one.source: one.remedy or "" for one in found.counted(Outcome.FAIL, Outcome.WARN)}
    assert left <= set(remedies)
    assert not any(remedies[name].startswith("Set --") for name in left)


@pytest.mark.parametrize(
    ("words", "edit", "engine", "says"),
    [
        ("vllm serve m -tp 4", Edit(flag="--tensor-parallel-size", value="4"), "vllm", "-tp 4"),
        (
            "vllm serve m --max_model_len=9",
            Edit(flag="--max-model-len", value="9"),
            "vllm",
            "--max_model_len=9",
        ),
        ("vllm serve m --enforce-eager", Edit(flag="--enforce-eager", value=None), "vllm", None),
        (
            "llamafactory-cli train x.yaml cutoff_len=8",
            Edit(flag="--cutoff_len", value="8"),
            "llama-factory",
            "cutoff_len=8",
        ),
    ],
)
def test_what_is_set_is_told_as_it_stands_in_the_command(
    words: str, edit: Edit, engine: str, says: str | None
) -> None:
    assert settings_of([edit], words.split(), engine) == (says or edit.flag,)


def test_findings_name_the_change_that_is_to_be_made_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    service = "{image: vllm/vllm-openai, command: --model /m -tp 8, volumes: ['./m:/m']}"
    (tmp_path / "compose.yaml").write_text(f"services: {{llm: {service}}}\n", encoding="utf-8")
    found = checked(tmp_path, "docker compose up", "one RTX 4090")
    assert isinstance(found.change, NothingWorks)
    said = found.change.hardware
    assert said.startswith("Set in the file that the command reads: ")
    failing = [one for one in found.findings if one.outcome is Outcome.FAIL]
    assert failing
    assert {one.remedy for one in failing} == {said}


def test_a_change_of_a_script_of_vllm_is_told_by_its_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.py").write_text(
        "from vllm import LLM\nllm = LLM('./m', max_model_len=1000000)\n",
        encoding="utf-8",
    )
    found = checked(tmp_path, "python v.py", "one RTX 4090")
    assert isinstance(found.change, NothingWorks)
    assert re.fullmatch(r"Set in v\.py: max_model_len=[0-9]+\.", found.change.hardware)


def test_a_command_of_which_nobody_knows_what_it_computes_has_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--model')\n"
        "rest = p.parse_known_args()\n",
        encoding="utf-8",
    )
    found = checked(tmp_path, "python own.py --model ./m", "one T4")
    assert found.sizing == "what the command does with the model"
    assert found.change is None


def test_a_change_of_a_script_is_told_as_the_script_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(
        "from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n"
        "model = AutoModelForCausalLM.from_pretrained('./m')\n"
        "args = TrainingArguments('out', bf16=True, per_device_train_batch_size=8)\n"
        "Trainer(model=model, args=args, train_dataset=data).train()\n",
        encoding="utf-8",
    )
    found = checked(tmp_path, "python train.py", "one H100", 512)
    assert isinstance(found.change, NothingWorks)
    assert found.change.steps
    said = found.change.hardware
    assert said.startswith("Set ")
    assert said.endswith(" (in TrainingArguments).")
    assert "--" not in said
