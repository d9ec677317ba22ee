"""What is read off a training's command: its launcher, processes, kind and settings."""

from typing import Any

import pytest

from firstmile.check.training_sizes import (
    fsdp_version,
    generated_by,
    hidden_settings,
    kind_of,
    processes_of,
    settings_of,
    zero_stage,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.worlds import gpu, machine, world

FOUR = world(None, machine(gpus=[gpu(index=place) for place in range(4)]))


@pytest.mark.parametrize(
    ("command", "launcher"),
    [
        ("torchrun --nproc_per_node 4 train.py", "torchrun"),
        ("python -m torch.distributed.run train.py", "torchrun"),
        ("sudo accelerate launch train.py", "accelerate"),
        ("CUDA_VISIBLE_DEVICES=0 /opt/bin/deepspeed train.py", "deepspeed"),
        ("llamafactory-cli train x.yaml", "llama-factory"),
        ("trl sft --config x.yaml", "trl"),
        ("python3.11 train.py", "python"),
        ("./train.sh 'unclosed", None),
        (None, None),
    ],
)
def test_the_launcher_is_the_program_that_starts_the_processes(
    command: str | None, launcher: str | None
) -> None:
    assert tuning(command=command).launcher == launcher


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({"processes": 8, "nodes": 2}, 16),
        ({"command": "python train.py"}, 1),
        ({"command": "torchrun train.py"}, 1),
        ({"command": "torchrun train.py", "flags": {"nproc_per_node": "gpu"}}, 4),
        ({"command": "torchrun train.py", "flags": {"nproc_per_node": "cpu"}}, None),
        ({"command": "accelerate launch train.py"}, 4),
        ({"command": "accelerate launch train.py", "devices": (0, 1)}, 2),
        ({"command": "llamafactory-cli train x.yaml"}, 4),
        ({}, None),
    ],
)
def test_processes_follow_from_what_starts_them(said: dict[str, Any], count: int | None) -> None:
    assert processes_of(FOUR, tuning(**said)) == count


def test_processes_of_a_machine_that_was_not_read_are_not_known() -> None:
    assert processes_of(world(), tuning(command="accelerate launch train.py")) is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"command": "trl dpo --model m"}, "dpo"),
        ({"command": "torchrun pkg/run_sft.py"}, "sft"),
        ({"command": "python -m pkg.grpo_train"}, "grpo"),
        ({"command": "python train.py"}, None),
        ({"engine": "llama-factory", "settings": {"stage": "kto"}}, "kto"),
        ({"engine": "llama-factory", "settings": {"stage": "pt"}, "command": "sft"}, None),
    ],
)
def test_the_kind_of_training_is_told_by_command_or_stage(
    said: dict[str, Any], kind: str | None
) -> None:
    assert kind_of(tuning(**said)) == kind


@pytest.mark.parametrize("made", ["GRPOConfig", "GRPOTrainer.args", "GRPOConfig.output_dir"])
def test_the_class_that_a_script_makes_tells_the_kind_before_its_name(made: str) -> None:
    assert kind_of(tuning(engine="trl", command="python sft.py", flags={made: ""})) == "grpo"
    both = {made: "", "SFTTrainer.args": ""}
    assert kind_of(tuning(engine="trl", command="python sft.py", flags=both)) == "sft"


def test_answers_that_the_model_writes_add_to_the_prompt() -> None:
    def lengths(command: str, **said: int) -> tuple[int, int, bool, bool] | None:
        found = generated_by(tuning(engine="trl", command=command, settings=said))
        if found is None:
            return None
        return (found.prompt, found.tokens, found.said, found.prompt_said)

    assert lengths("trl grpo") == (512, 768, False, False)
    assert lengths("trl grpo", max_completion_length=4096) == (512, 4608, True, False)
    both = {"max_completion_length": 2048, "max_prompt_length": 1024}
    assert lengths("trl rloo", **both) == (1024, 3072, True, True)
    assert lengths("trl dpo", **both) is None


def test_settings_come_from_files_and_flags_and_switches_are_true() -> None:
    get = settings_of(tuning(settings={"packing": True}, flags={"do_train": None, "seed": "3"}))
    assert get.truth("packing") is True
    assert get.truth("do_train") is True
    assert get.whole("seed") == 3


def test_settings_of_a_file_that_was_not_read_are_hidden() -> None:
    assert hidden_settings(tuning(command="trl sft --config x.yaml")) is not None
    assert hidden_settings(tuning(command="trl sft --config x.yaml", settings={"a": 1})) is None
    assert hidden_settings(tuning(command="trl sft --model m")) is None


def test_the_version_of_fsdp_is_the_launchers_or_the_librarys() -> None:
    older = world(None, machine(packages={"transformers": "4.57.1"}))

    def version(snapshot: Any, **fsdp: Any) -> int | None:
        training = tuning(fsdp=fsdp).training
        assert training is not None
        return fsdp_version(snapshot, training)

    assert version(world(), fsdp_version=2) == 2
    assert version(world(), fsdp_use_orig_params=False) == 1
    assert version(older, options="full_shard") == 1
    assert version(world(), options="full_shard") is None


def test_a_stage_that_is_no_number_counts_as_none() -> None:
    training = tuning(deepspeed={"zero_optimization": {"stage": "three"}}).training
    assert training is not None
    assert zero_stage(training) == 0
