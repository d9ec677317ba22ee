"""An engine or launcher that is not there is told of every command that can be read."""

import pytest
from msgspec.structs import replace

from firstmile.check.checks import engine_is_not_installed
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.machine_worlds import computer, package
from firstmile.check.worlds import world
from firstmile.facts.environment import Environment
from firstmile.facts.search_path import PROGRAMS
from firstmile.findings import Outcome

TYPED = (
    "vllm serve ./m",
    "sglang serve --model-path ./m",
    "transformers serve ./m",
    "trl sft --model_name_or_path ./m --dataset_name x",
    "llamafactory-cli train x.yaml",
    "axolotl train x.yaml",
    "tune run lora_finetune_single_device --config x",
    "deepspeed train.py",
    "accelerate launch train.py",
    "torchrun --nproc-per-node 1 train.py",
    "lmdeploy serve api_server ./m",
    "trtllm-serve ./m",
)
WITHOUT_PACKAGES = (
    "text-generation-launcher --model-id ./m",
    "llama-cli -m m.gguf",
    "llama-server -m m.gguf",
    "ollama serve",
)


def outcome(text: str, environment: Environment) -> Outcome:
    """Return what comes of a command on a machine."""
    intent = read_command(Command(words=tuple(words_of(text))))
    assert intent is not None
    return engine_is_not_installed.judge(world(environment=environment), intent).outcome


@pytest.mark.parametrize("text", [*TYPED, *WITHOUT_PACKAGES])
def test_a_program_that_is_not_on_the_path_is_told_where_it_was_looked_for(text: str) -> None:
    bare = replace(computer(package("numpy", "2.0.0")), looked_for=tuple(PROGRAMS))
    assert outcome(text, bare) is Outcome.WARN
    program = text.split()[0]
    there = replace(computer(programs=(program,)), looked_for=tuple(PROGRAMS))
    assert outcome(text, there) is Outcome.SKIP


@pytest.mark.parametrize("text", [each for each in TYPED if not each.startswith("torchrun")])
def test_a_package_that_a_python_with_torch_lacks_fails(text: str) -> None:
    assert outcome(text, computer(package("torch", "2.6.0"))) is Outcome.FAIL


def test_torch_of_torchrun_is_looked_for_too() -> None:
    assert outcome(TYPED[9], computer(package("transformers", "4.57.1"))) is Outcome.FAIL


def test_of_a_snapshot_of_an_older_release_no_program_is_missed_that_it_did_not_look_for() -> None:
    older = computer(package("numpy", "2.0.0"))
    assert outcome("sglang serve --model-path ./m", older) is Outcome.SKIP
    assert outcome("vllm serve ./m", older) is Outcome.WARN
