"""A remedy says a setting as the command does: as a flag, an argument of a class, or a line."""

import pytest

from firstmile.check.command import Command, Reading, read_command
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.ways_of_saying import as_said
from firstmile.check.worlds import machine, world

SAVED = "Say --eval_strategy steps --save_strategy steps."
HALF = "Say --bf16 False --use_cpu True if that is meant."


def _script(*names: str, flags: tuple[str, ...] = ()) -> Intent:
    said = tuple(Argument(written=each, name=each, value="1") for each in names)
    return Intent(action=Action.FINE_TUNE, engine="trl", arguments=said, script_arguments=flags)


@pytest.mark.parametrize(
    ("remedy", "said"),
    [
        (SAVED, 'Say eval_strategy="steps", save_strategy="steps" (in SFTConfig).'),
        (HALF, "Say bf16=False, use_cpu=True if that is meant (in SFTConfig)."),
        (
            "Say --learning_rate 1e-4 (usual: 1e-4).",
            "Say learning_rate=1e-4 (usual: 1e-4) (in SFTConfig).",
        ),
        ("Keep --bf16 or --fp16.", "Keep bf16 or fp16 (in SFTConfig)."),
        ("Say --report_to none, or less.", 'Say report_to="none", or less (in SFTConfig).'),
        (
            "Start it by torchrun --nproc_per_node 2 x.py.",
            "Start it by torchrun --nproc_per_node 2 x.py.",
        ),
        (
            "Say --lr_scheduler_kwargs '{\"a\": true}'",
            'Say lr_scheduler_kwargs={"a": True} (in SFTConfig)',
        ),
        ("Write less.", "Write less."),
    ],
)
def test_a_script_without_flags_is_told_the_argument_of_its_class(remedy: str, said: str) -> None:
    assert as_said(remedy, _script("SFTConfig.learning_rate")) == said


def test_a_script_that_is_given_flags_is_told_flags() -> None:
    assert as_said(SAVED, _script("SFTConfig.bf16", flags=("--bf16", "True"))) == SAVED
    assert as_said(SAVED, _script("learning_rate")) == SAVED


def test_the_name_that_the_script_has_is_kept_unless_the_library_has_a_newer_one() -> None:
    script = _script("TrainingArguments.evaluation_strategy")
    old = 'Say evaluation_strategy="steps", save_strategy="steps" (in TrainingArguments).'
    assert as_said(SAVED, script) == old
    for release, said in (("4.40.2", old), ("4.57.1", old.replace("evaluation_", "eval_"))):
        here = world(None, machine(packages={"transformers": release}))
        assert as_said(SAVED, script, here) == said


def test_a_file_of_axolotl_is_told_the_names_that_it_has() -> None:
    intent = Intent(action=Action.FINE_TUNE, engine="axolotl")
    said = as_said("Say --per_device_train_batch_size 1 --num_train_epochs 2.", intent)
    assert said == "Say micro_batch_size: 1, num_epochs: 2."


def test_a_file_of_settings_is_told_its_line() -> None:
    intent = Intent(action=Action.FINE_TUNE, engine="llama-factory")
    assert as_said(HALF, intent) == "Say bf16: false, use_cpu: true if that is meant."
    flags = _script("bf16")
    assert as_said(HALF, flags) == HALF


def test_what_does_not_train_keeps_its_remedy() -> None:
    assert as_said("Say --port 1", Intent(engine="vllm", action=Action.SERVE)) == "Say --port 1"


def test_the_old_name_of_the_evaluation_strategy_is_read() -> None:
    code = (
        "from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n"
        'm = AutoModelForCausalLM.from_pretrained("m")\n'
        'a = TrainingArguments(output_dir="o", evaluation_strategy="epoch")\n'
        "Trainer(model=m, args=a, train_dataset=d).train()\n"
    )
    typed: Command = Reading(command="python t.py", files={"t.py": code}, expects={}).typed
    intent = read_command(typed)
    assert intent is not None
    assert intent.training is not None
    assert intent.training.evaluation_strategy == "epoch"
    assert as_said(SAVED, intent).endswith("(in TrainingArguments).")
