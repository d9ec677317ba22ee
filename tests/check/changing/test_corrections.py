"""What a remedy sets in so many words becomes part of the smallest change."""

import pytest
from bench.smallest_changes import there
from msgspec.structs import replace

from firstmile.check.changing import Change, NothingWorks, smallest_change
from firstmile.check.changing.corrections import corrections
from firstmile.check.command import Command
from firstmile.check.unit import find_checks
from firstmile.check.worlds import gpu, machine
from firstmile.findings import Finding, Outcome


def finding(remedy: str, outcome: Outcome = Outcome.FAIL) -> Finding:
    return Finding(source="some-check", outcome=outcome, message="x", remedy=remedy)


@pytest.mark.parametrize(
    ("remedy", "edits"),
    [
        ("Set --swap-space 4.", [("--swap-space", "4")]),
        ("Say --learning_rate 1e-4 (usual: 1e-5 to 2e-4).", [("--learning_rate", "1e-4")]),
        ("Say --fp16 True --bf16 False.", [("--fp16", "True"), ("--bf16", "False")]),
        ("Set --max-num-batched-tokens to 256 or more.", []),
        ("Say --optim adamw_torch, or leave offload_optimizer out.", [("--optim", "adamw_torch")]),
        ("Take --optim adamw_torch.", []),
        ("Set it lower. Say --x 1.", []),
    ],
)
def test_settings_are_read_from_a_remedy(remedy: str, edits: list[tuple[str, str]]) -> None:
    assert [(one.flag, one.value) for one in corrections([finding(remedy)])] == edits


def test_what_only_warns_is_left_as_it_was_asked_for() -> None:
    assert corrections([finding("Set --swap-space 4.", Outcome.WARN)]) == ()


def test_copied_command_holds_no_other_value_that_fails() -> None:
    words = ("trl", "sft", "--model_name_or_path", "./m", "--output_dir", "o")
    told = Command(words=(*words, "--learning_rate", "2", "--use_peft", "--lora_r", "0"))
    found = smallest_change(there("Llama 3 8B", "one T4"), told, find_checks())
    assert isinstance(found, Change)
    assert {"learning-rate-is-out-of-range", "lora-rank-or-scale-is-out-of-range"}.isdisjoint(
        found.still_fails
    )
    assert "--learning_rate 1e-4 " in f"{found.command} "
    assert "--lora_r 16" in found.command
    assert {"correct --learning_rate to 1e-4", "correct --lora_r to 16"} <= set(found.steps)


def test_settings_of_a_file_are_told_of_where_the_command_has_no_words_for_them() -> None:
    text = """
services:
  server:
    image: vllm/vllm-openai:v0.11.0
    command: --model ./m --tensor-parallel-size 8 --max-model-len 4096
"""
    told = Command(
        words=("docker", "compose", "up"),
        read_text=lambda path: text if path == "docker-compose.yml" else None,
    )
    found = smallest_change(there("Llama 3 8B", "one H100"), told)
    assert isinstance(found, NothingWorks)
    assert found.steps == ("run it on one device",)
    assert "Set in the file that the command reads: --tensor-parallel-size 1." in found.hardware


def test_a_change_brings_what_goes_with_it() -> None:
    """Weights that it loads in 4 bits compute in the type of the training, on a T4 in float16."""
    packages = {"torch": "2.8.0", "transformers": "4.57.1", "peft": "0.17.1", "trl": "0.24.0"}
    packages |= {"bitsandbytes": "0.48.0", "accelerate": "1.10.1", "datasets": "4.1.1"}
    here = machine(gpus=[gpu("Tesla T4", 16, "7.5")], packages=packages)
    snapshot = replace(there("Llama 3 8B", "one T4"), environment=here)
    words = "trl sft --model_name_or_path m --dataset_name d --output_dir o --use_peft --bf16 True"
    found = smallest_change(snapshot, Command(words=tuple(words.split())), find_checks())
    assert isinstance(found, Change)
    assert "--load_in_4bit" in found.words
    assert {"--dtype float16", "--fp16 True", "--bf16 False"} <= {*found.settings}
    assert not {each for each in found.still_warns if "bf16" in each or "four-bit" in each}
    assert found.words.count("--bf16") == 1


def test_what_the_command_did_not_say_is_set_and_not_corrected() -> None:
    words = ("trl", "sft", "--model_name_or_path", "./m", "--output_dir", "o")
    told = Command(words=(*words, "--bf16", "--learning_rate", "2"))
    found = smallest_change(there("Llama 3 8B", "one RTX 4090"), told, find_checks())
    assert isinstance(found, Change)
    assert "correct --learning_rate to 1e-4" in found.steps
    assert "set --dtype to bfloat16" in found.steps


def test_weights_of_an_adapter_lose_nothing_in_the_type_of_their_files() -> None:
    words = ("trl", "sft", "--model_name_or_path", "./m", "--output_dir", "o", "--use_peft")
    more = ("--per_device_train_batch_size", "1", "--max_length", "512")
    found = smallest_change(
        there("Llama 3 8B", "one RTX 4090"), Command(words=(*words, *more)), find_checks()
    )
    assert isinstance(found, Change)
    assert found.steps == ("load the weights in bfloat16",)
    assert found.loses == ("nothing: the files hold no wider numbers",)
