"""The smallest change of a command: it fits when it is read again, whatever was asked."""

import re
from itertools import product
from types import SimpleNamespace
from typing import cast

import pytest
from bench.smallest_changes import (
    COMMANDS,
    CONFIGS,
    MACHINES,
    searched,
    there,
    wrong_of,
)
from bench.smallest_changes import typed as command
from msgspec.structs import replace

from firstmile.check.changing import Change, NothingWorks, smallest_change
from firstmile.check.changing.flags import Edit, edited
from firstmile.check.changing.knobs import nice_lengths
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.intent import Action, Intent
from firstmile.check.memory import Fit, Sizing, estimate
from firstmile.check.memory.sizing import CACHE
from firstmile.check.running import judge_all
from firstmile.check.unit import About, Check, find_checks
from firstmile.check.verdicts import Verdict, failed, passed
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome


def test_samples_longer_than_any_model_are_cut_by_a_setting_over_those_of_the_file() -> None:
    text = "model_name_or_path: ./m\nfinetuning_type: lora\nlora_target: all\ncutoff_len: 999999\n"
    typed = Command(
        words=("llamafactory-cli", "train", "x.yaml", "bf16=true"), read_text={"x.yaml": text}.get
    )
    found = smallest_change(there("Qwen2.5 0.5B", "one RTX 4090"), typed)
    assert isinstance(found, Change)
    assert found.words[:4] == ("llamafactory-cli", "train", "x.yaml", "bf16=true")
    settings = dict(word.split("=") for word in found.words[4:])
    assert 256 <= int(settings["cutoff_len"]) <= 32_768


def test_a_setting_that_stands_over_the_file_is_replaced() -> None:
    words = ("llamafactory-cli", "train", "x.yaml", "cutoff_len=9", "bf16=true")
    changed = edited(words, [Edit(flag="--cutoff_len", value="8")], "llama-factory")
    assert changed == ("llamafactory-cli", "train", "x.yaml", "bf16=true", "cutoff_len=8")
    plain = edited(
        ("x", "--cutoff_len", "9"), [Edit(flag="--cutoff_len", value="8")], "llama-factory"
    )
    assert plain == ("x", "--cutoff_len", "8")


def test_options_stand_over_the_file_of_axolotl() -> None:
    text = (
        "base_model: ./m\nadapter: qlora\nload_in_4bit: true\nlora_r: 32\nsequence_len: 4096\n"
        "lora_target_linear: true\nmicro_batch_size: 2\ngradient_accumulation_steps: 4\n"
        "bf16: auto\ngradient_checkpointing: true\noutput_dir: o\n"
    )
    typed = Command(words=("axolotl", "train", "x.yaml"), read_text={"x.yaml": text}.get)
    found = smallest_change(there("Llama 3 8B", "one RTX 4090"), typed)
    assert isinstance(found, Change)
    options = ("--micro-batch-size", "1", "--gradient-accumulation-steps", "8")
    assert found.words == (*typed.words, *options)
    again = read_command(replace(typed, words=found.words))
    assert again is not None
    assert again.training is not None
    assert again.training.per_device_batch_size == 1


@pytest.mark.long
@pytest.mark.parametrize("engine", COMMANDS)
@pytest.mark.parametrize("place", MACHINES)
def test_every_suggested_command_fits_when_it_is_read_again(engine: str, place: str) -> None:
    for one in searched(engine, place, sorted(CONFIGS)[::2]):
        assert not one.wrong, (one.model, one.found)


def test_a_suggestion_that_does_not_hold_is_told_of() -> None:
    """Without this, the test above could not fail."""
    snapshot = there("Qwen2.5 14B", "one RTX 4090")
    found = smallest_change(snapshot, command("vllm serve ./m"))
    assert isinstance(found, Change)
    assert wrong_of(found, snapshot) == ""
    for text, says in (
        ("vllm serve ./m", "does not fit"),
        (f"{found.command} --no-such-flag 1", "not understood"),
        ("sing ./m", "no reader"),
    ):
        assert says in wrong_of(replace(found, command=text), snapshot)


def test_some_of_all_outcomes_occur_in_the_grid() -> None:
    kinds = {
        type(smallest_change(there(name, place), command("vllm serve ./m")))
        for name, place in product(("Llama 3 8B", "Llama 3.1 70B", "DeepSeek-V3"), MACHINES)
    }
    assert kinds == {Change, NothingWorks, type(None)}


def test_no_check_fails_because_of_a_change() -> None:
    checks = find_checks()
    snapshot = there("Qwen2.5 14B", "one RTX 4090")
    told = command("vllm serve ./m")
    found = smallest_change(snapshot, told, checks)
    assert isinstance(found, Change)

    def failing(one: Command) -> set[str]:
        intent = read_command(one)
        assert intent is not None
        findings = judge_all(checks, snapshot, intent)
        return {each.source for each in findings if each.outcome is Outcome.FAIL}

    assert failing(command(found.command)) <= failing(told)


def test_what_failed_before_is_not_judged_again() -> None:
    judged = []

    def judge(_snapshot: Snapshot, intent: Intent) -> Verdict:
        judged.append(intent.command)
        return failed("It fails.") if len(judged) == 1 else passed("It is fine.")

    about = About(symptom="crash/other", cause="configuration/inference")
    module = SimpleNamespace(__name__="x.y.some_check", __doc__="x", ABOUT=about, judge=judge)
    check = cast("Check", module)
    snapshot, told = there("Qwen2.5 14B", "one RTX 4090"), command("vllm serve ./m")
    found = smallest_change(snapshot, told, [check], failing=frozenset({"some-check"}))
    assert isinstance(found, Change)
    assert judged == [found.command]
    judged.clear()
    assert isinstance(smallest_change(snapshot, told, [check]), Change)
    assert judged == ["vllm serve ./m", found.command]


def test_what_no_flag_puts_right_is_named_beside_the_change() -> None:
    about = About(symptom="crash/other", cause="configuration/inference")
    module = SimpleNamespace(
        __name__="x.y.some_check", __doc__="x", ABOUT=about, judge=lambda *_: failed("It fails.")
    )
    snapshot, told = there("Qwen2.5 14B", "one RTX 4090"), command("vllm serve ./m")
    found = smallest_change(snapshot, told, [cast("Check", module)])
    assert isinstance(found, Change)
    assert found.still_fails == ("some-check",)


def test_idle_devices_are_used_before_anything_is_lost() -> None:
    found = smallest_change(there("Llama 3.1 70B", "eight H100"), command("vllm serve ./m"))
    assert isinstance(found, Change)
    assert found.command == "vllm serve ./m --tensor-parallel-size 4"
    assert found.loses == ("nothing but room that stood idle",)


def test_a_context_that_was_asked_for_is_kept_where_something_else_helps() -> None:
    told = command("vllm serve ./m --max-model-len 32768")
    found = smallest_change(there("Qwen2.5 7B", "one T4"), told)
    assert isinstance(found, Change)
    assert "--max-model-len 32768" in found.command or "context" in found.loses


def test_a_batch_is_made_up_for_by_accumulation() -> None:
    told = command(
        "trl sft --model_name_or_path ./m --use_peft --dtype bfloat16 --max_length 8192 "
        "--per_device_train_batch_size 16 --gradient_accumulation_steps 2"
    )
    found = smallest_change(there("Llama 3 8B", "one H100"), told)
    assert isinstance(found, Change)
    intent = read_command(command(found.command))
    assert intent is not None
    assert intent.training is not None
    batch = intent.training.per_device_batch_size or 0
    assert batch * (intent.training.gradient_accumulation_steps or 0) == 32


def test_a_setting_of_several_words_is_quoted() -> None:
    told = command("trl dpo --model_name_or_path ./m --dtype bfloat16 --num_processes 4")
    found = smallest_change(there("Llama 3 8B", "four A100"), told)
    assert isinstance(found, Change)
    assert "--fsdp 'full_shard auto_wrap'" in found.settings


def test_answers_that_the_model_writes_are_cut_by_the_flag_that_they_have() -> None:
    told = command(
        "trl grpo --model_name_or_path ./m --use_peft --dtype bfloat16 --output_dir o "
        "--max_completion_length 60000 --per_device_train_batch_size 1"
    )
    found = smallest_change(there("Llama 3 8B", "one RTX 4090"), told)
    assert isinstance(found, Change)
    assert "--max_length" not in found.words
    cut = int(found.words[found.words.index("--max_completion_length") + 1])
    assert 128 <= cut < 60_000


def test_devices_of_other_machines_are_left_to_ray() -> None:
    told = command("vllm serve ./m -tp 8 --distributed-executor-backend ray")
    assert smallest_change(there("Llama 3 8B", "four A100"), told) is None


def test_the_smallest_batch_is_told_as_one_sample() -> None:
    told = command(
        "trl sft --model_name_or_path ./m --use_peft --dtype bfloat16 --max_length 8192 "
        "--per_device_train_batch_size 64"
    )
    found = smallest_change(there("Llama 3 8B", "one RTX 4090"), told)
    assert isinstance(found, Change)
    assert any(step.startswith("take one sample at a time") for step in found.steps)


def test_a_context_beyond_the_positions_is_put_right_on_a_processor_too() -> None:
    snapshot = world(folder(config=CONFIGS["Qwen2.5 0.5B"]), machine(memory_gib=64))
    found = smallest_change(snapshot, command("vllm serve ./m --max-model-len 65536"))
    assert isinstance(found, Change)
    assert found.command == "vllm serve ./m --max-model-len 32768"


def test_a_size_that_does_not_divide_is_put_right() -> None:
    found = smallest_change(there("Llama 3 8B", "eight H100"), command("vllm serve ./m -tp 3"))
    assert isinstance(found, Change)
    assert found.command == "vllm serve ./m -tp 4"


@pytest.mark.parametrize(
    ("place", "asked", "put"),
    [
        ("four A100", "-tp 8", "-tp 4"),
        ("two RTX 3090", "-tp 8", "-tp 2"),
        ("one H100", "-tp 2", "-tp 1"),
        ("four A100", "-tp 4 -pp 2", "-tp 4 -pp 1"),
        ("four A100", "-dp 8", "-dp 4"),
        ("four A100", "-tp 2 -dp 4", "-tp 2 -dp 2"),
        ("one H100", "-dp 2", "-dp 1"),
    ],
)
def test_a_size_is_put_right_by_the_nearest_that_divides_and_exists(
    place: str, asked: str, put: str
) -> None:
    found = smallest_change(there("Qwen2.5 7B", place), command(f"vllm serve ./m {asked}"))
    assert isinstance(found, Change)
    assert found.command == f"vllm serve ./m {put}"


def long_llama(place: str) -> Snapshot:
    """Return a model of 8B and 131,072 positions on a machine."""
    config = {**CONFIGS["Llama 3 8B"], "max_position_embeddings": 131_072}
    return world(folder(config=config), machine(gpus=MACHINES[place], memory_gib=256))


def test_where_a_shorter_context_does_nothing_else_is_changed() -> None:
    snapshot = long_llama("one RTX 4090")
    sizing = estimate(snapshot, Intent(action=Action.SERVE, engine="vllm"))
    assert isinstance(sizing, Sizing)
    found = smallest_change(snapshot, command("vllm serve ./m"))
    assert isinstance(found, Change)
    assert found.command == f"vllm serve ./m --max-model-len {sizing.longest}"
    assert found.loses == ("context that the command did not ask for",)


def test_a_context_is_not_cut_short_where_one_more_change_helps() -> None:
    found = smallest_change(there("Phi-4", "one T4"), command("vllm serve ./m"))
    assert isinstance(found, Change)
    assert len(found.edits) == 3
    intent = read_command(command(found.command))
    assert intent is not None
    assert (intent.context or 0) >= 8192


@pytest.mark.parametrize("told", ["vllm serve ./m", "python -m sglang.launch_server --model ./m"])
def test_the_context_that_there_is_memory_for_fits_when_it_is_asked_for(told: str) -> None:
    snapshot = long_llama("one RTX 4090")
    intent = read_command(command(told))
    assert intent is not None
    sizing = estimate(snapshot, intent)
    assert isinstance(sizing, Sizing)
    assert sizing.longest is not None
    for context, fit in ((sizing.longest, Fit.FITS), (sizing.longest + 256, Fit.TIGHT)):
        again = estimate(snapshot, replace(intent, context=context))
        assert isinstance(again, Sizing)
        assert again.fit is fit


def test_on_a_processor_a_server_lays_out_one_context_however_many_it_answers() -> None:
    snapshot = replace(long_llama("one T4"), environment=machine(memory_gib=24))
    few, many = (
        estimate(snapshot, Intent(action=Action.SERVE, engine="vllm", sequences=each))
        for each in (1, 64)
    )
    assert isinstance(few, Sizing)
    assert isinstance(many, Sizing)
    assert few.host.of(CACHE) == many.host.of(CACHE)
    found = smallest_change(snapshot, command("vllm serve ./m"))
    assert isinstance(found, Change)
    assert "--max-num-seqs" not in found.command


def test_a_context_beyond_the_positions_is_put_right() -> None:
    told = command("vllm serve ./m --max-model-len 100000")
    found = smallest_change(there("Llama 3 8B", "one H100"), told)
    assert isinstance(found, Change)
    assert found.command == "vllm serve ./m --max-model-len 8192"


def test_where_nothing_works_the_hardware_is_named() -> None:
    found = smallest_change(there("DeepSeek-V3", "one T4"), command("vllm serve ./m"))
    assert isinstance(found, NothingWorks)
    assert "Tesla T4" in found.hardware


def test_unknown_commands_and_machines_have_no_change() -> None:
    assert smallest_change(there("GPT-2", "one T4"), command("ls -l")) is None
    assert smallest_change(world(folder(config={})), command("vllm serve m")) is None


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("vllm serve m", Edit(flag="--max-model-len", value="1"), "vllm serve m --max-model-len 1"),
        ("vllm serve m --max_model_len 9", Edit(flag="--max-model-len", value="1"), None),
        ("vllm serve m --max-model-len=9", Edit(flag="--max-model-len", value="1"), None),
        ("vllm serve m -tp 2", Edit(flag="--tensor-parallel-size", value="4"), None),
        ("vllm serve m", Edit(flag="--enforce-eager", value=None), "vllm serve m --enforce-eager"),
    ],
)
def test_flags_are_replaced_where_they_stand(before: str, edit: Edit, after: str | None) -> None:
    words = edited(words_of(before), [edit], "vllm")
    if after is not None:
        assert list(words) == words_of(after)
    else:
        assert len(words) == len(words_of(before))
        assert words[3].partition("=")[0] == list(words_of(before))[3].partition("=")[0]
        assert words[-1].endswith(edit.value or "")


def test_lengths_that_are_tried_are_round_and_shorter() -> None:
    assert nice_lengths(8192, 2048) == [6144, 4096, 3072, 2048]
    assert nice_lengths(2048, 2048) == []


def test_what_loses_little_is_left_out_where_what_loses_more_is_lost_anyway() -> None:
    found = smallest_change(there("Qwen2.5 32B", "one RTX 4090"), command("vllm serve ./m"))
    assert isinstance(found, Change)
    intent = read_command(command(found.command))
    assert intent is not None
    assert (intent.context or 0) >= 8192
    assert "--gpu-memory-utilization" not in found.command


def test_samples_are_cut_no_further_than_smaller_batches_ask_for() -> None:
    told = command(
        "trl sft --model_name_or_path ./m --use_peft --lora_r 16 --dtype bfloat16 --output_dir o "
        "--max_length 8192 --per_device_train_batch_size 8"
    )
    found = smallest_change(there("Gemma 3 27B", "one H100"), told)
    assert isinstance(found, Change)
    assert "--per_device_train_batch_size 1" in found.command
    cut = re.search(r"--max_length (\d+)", found.command)
    assert cut is not None
    assert int(cut[1]) >= 4096


def test_a_training_on_several_devices_is_sharded_before_it_is_given_up() -> None:
    told = command(
        "torchrun --nproc_per_node 8 train.py --model_name_or_path ./m --bf16 True "
        "--per_device_train_batch_size 4 --output_dir o"
    )
    found = smallest_change(there("Llama 3 8B", "eight H100"), told)
    assert isinstance(found, Change)
    assert "--fsdp 'full_shard auto_wrap'" in found.command
    assert found.memory.fit is Fit.FITS


def test_no_rounding_at_load_is_offered_that_the_whole_weights_leave_no_room_for() -> None:
    found = smallest_change(there("Qwen2.5 14B", "one RTX 4090"), command("vllm serve ./m"))
    assert isinstance(found, Change)
    assert "--quantization fp8" not in found.command
