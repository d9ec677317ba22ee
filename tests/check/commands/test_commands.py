"""Commands within commands, their variables and files are read as they would be run."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from firstmile.check.command import Command, Reading, find_readers, read_command, words_of
from firstmile.check.examining import command_of
from firstmile.check.intent import Action, Intent
from firstmile.check.settings import Settings
from firstmile.check.training_settings import ABSENT, NOT_LOOKED_FOR
from firstmile.check.training_sizes import hidden_settings


def read(text: str, files: dict[str, str] | None = None, **variables: str) -> Intent:
    """Return what a command line intends."""
    command = Reading(command=text, expects={}, files=files or {}).typed
    found = read_command(replace(command, variables=variables))
    assert found is not None
    return found


@cache
def all_readings() -> tuple[Reading, ...]:
    """Return the examples of all readers."""
    return tuple(each for reader in find_readers() for each in reader.examples())


@pytest.mark.parametrize(
    "before",
    [
        "env A=1",
        "env -i A=1",
        "/usr/bin/env -u B A=1",
        "A=1",
        "env -S 'A=1'",
        "sudo A=1",
        "nohup env A=1",
    ],
)
def test_assignments_before_a_command_are_its_variables(before: str) -> None:
    found = read(f"{before} vllm serve m")
    assert (found.engine, found.variables["A"]) == ("vllm", "1")


def test_env_can_clear_and_unset_variables() -> None:
    assert read("env -u X vllm serve m", X="1", Y="2").variables == {"Y": "2"}
    assert read("env -i vllm serve m", X="1").variables == {}


@pytest.mark.parametrize(
    "python", ["python -u", "python3.11 -X faulthandler -W ignore", "/opt/bin/python3 -Ou"]
)
def test_options_of_python_are_passed_by(python: str) -> None:
    assert read(f"{python} -m vllm.entrypoints.openai.api_server --model m").model == "m"
    assert read(f"{python} train.py --model_name_or_path m --fp16").model == "m"


def test_python_that_starts_no_script_is_nobodys_command() -> None:
    for text in ("python", "python -c pass", "python -m http.server", "mystery"):
        assert read_command(Command(words=tuple(words_of(text)))) is None


def test_a_command_stays_the_same_once_it_was_read() -> None:
    words = ("bash", "-c", "vllm serve m")
    once = Command(words=words)
    assert read_command(once) is not None
    assert once == Command(words=words)
    assert repr(once) == repr(Command(words=words))


def test_a_subshell_keeps_its_variables_to_itself() -> None:
    assert read("bash -c 'A=1; (A=2; true); vllm serve $A'").model == "1"
    assert read("bash -c '(A=2; vllm serve $A)'").model == "2"


def test_the_outermost_command_is_the_one_that_is_shown() -> None:
    text = "nohup torchrun --nproc_per_node 2 sft.py --bf16"
    assert read(text).command == text


@pytest.mark.parametrize(
    ("text", "launcher", "program", "script", "arguments"),
    [
        ("bash -c 'torchrun a/sft.py --bf16'", "torchrun", "python", "a/sft.py", ("--bf16",)),
        ("docker run x accelerate launch -m p.dpo", "accelerate", "python", "p.dpo", ()),
        ("python -m torch.distributed.run t.py 1", "torchrun", "python", "t.py", ("1",)),
        ("sudo trl sft --lr 1", "trl", "trl", None, ("sft", "--lr", "1")),
        ("CUDA_VISIBLE_DEVICES=0 python3 t.py", "python", "python3", "t.py", ()),
        ("uv run vllm serve m", None, "vllm", None, ("serve", "m")),
        ("bash -c 'torchrun gone'", "torchrun", None, None, ()),
        ("docker ps", None, None, None, ()),
    ],
)
def test_what_is_started_in_the_end_is_told_from_what_starts_it(
    text: str, launcher: str | None, program: str | None, script: str | None, arguments: Any
) -> None:
    found = read(text)
    assert (found.launcher, found.program, found.script) == (launcher, program, script)
    assert found.script_arguments == arguments


def test_launchers_join_what_they_say_with_what_they_start() -> None:
    found = read("accelerate launch --num_processes 8 --mixed_precision fp16 sft.py --bf16 --odd 1")
    assert found.training is not None
    assert (found.training.fp16, found.training.bf16) == (True, True)
    assert found.parallel.processes == 8
    assert found.unread == ("--odd 1",)
    assert [each.name for each in found.arguments] == ["num_processes", "mixed_precision", "bf16"]


def test_commands_that_start_themselves_come_to_an_end() -> None:
    assert read("bash a.sh", {"a.sh": "bash a.sh"}).engine is None
    assert read("nohup " * 50 + "vllm serve m").engine is None


def test_scripts_that_start_each_other_many_times_come_to_an_end() -> None:
    began = time.perf_counter()
    read("bash a.sh", {"a.sh": "bash a.sh; bash a.sh; bash a.sh\n" * 20})
    read("vllm serve m " + "--zzzzzzzzzzzzzzz " * 3_000)
    assert time.perf_counter() - began < 20


def test_devices_that_are_no_numbers_are_not_known() -> None:
    assert read("vllm serve m", CUDA_VISIBLE_DEVICES="GPU-1f").devices is None
    assert read("vllm serve m", CUDA_VISIBLE_DEVICES="²").devices is None
    assert read("vllm serve m", CUDA_VISIBLE_DEVICES="").devices == ()


def test_nothing_of_the_host_is_visible_within_a_container() -> None:
    found = read("docker run vllm/vllm-openai --model m", CUDA_VISIBLE_DEVICES="3", SECRET="s")
    assert (found.variables, found.devices) == ({}, None)
    passed = read("docker run -e SECRET vllm/vllm-openai --model m", SECRET="s")
    assert passed.variables == {"SECRET": "s"}


def test_files_within_a_container_are_those_that_are_mounted() -> None:
    pytest.importorskip("yaml")
    found = read(
        "docker run -v /host/c:/c vllm/vllm-openai --config /c/a.yaml",
        {"/host/c/a.yaml": "model: /c/m\n"},
    )
    assert found.model == "/host/c/m"


def test_the_start_of_data_files_is_looked_at() -> None:
    record = {"messages": [{"role": "user", "content": "a"}]}
    found = read("python sft.py --train_file d.jsonl --bf16", {"d.jsonl": json.dumps(record)})
    assert found.training is not None
    (data,) = found.training.datasets
    assert (data.path, data.form, data.keys) == ("d.jsonl", "jsonl", ("messages",))
    assert data.roles == ("user",)


def test_a_data_file_that_cannot_be_read_says_so() -> None:
    found = read("python sft.py --train_file gone.jsonl --bf16")
    assert found.training is not None
    assert [each.problem for each in found.training.datasets] == ["it cannot be read"]


def test_a_data_file_that_is_surely_not_there_is_told_from_one_that_is_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def problems(command: str) -> list[str | None]:
        typed = command_of(command, variables={})
        assert typed is not None
        intent = read_command(typed)
        assert intent is not None
        assert intent.training is not None
        return [each.problem for each in intent.training.datasets]

    assert problems("python sft.py --train_file gone.jsonl --bf16") == [ABSENT]
    assert problems("python sft.py --train_file 'a/*.jsonl' --bf16") == [NOT_LOOKED_FOR]
    code = (
        "from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n"
        "from datasets import load_dataset\n"
        'm = AutoModelForCausalLM.from_pretrained("m")\n'
        'd = load_dataset("json", data_files="gone.jsonl")\n'
        'Trainer(model=m, args=TrainingArguments(output_dir="o"), train_dataset=d).train()\n'
    )
    Path("t.py").write_text(code, encoding="utf-8")
    assert problems("python t.py") == [ABSENT]
    Path("t.py").write_text(code.replace('"json"', '"owner/data"'), encoding="utf-8")
    assert problems("python t.py") == []
    Path("t.py").write_text("x.to_json('gone.jsonl')\n" + code, encoding="utf-8")
    assert problems("python t.py") == []


def test_data_sets_of_llama_factory_are_looked_up() -> None:
    pytest.importorskip("yaml")
    info = {"mine": {"file_name": "mine.json"}}
    files = {
        "x.yaml": "dataset: mine,other\ndataset_dir: d\n",
        "d/dataset_info.json": json.dumps(info),
        "d/mine.json": '[{"instruction": "a", "output": "b"}]',
    }
    found = read("llamafactory-cli train x.yaml", files)
    assert found.training is not None
    assert [each.keys for each in found.training.datasets] == [("instruction", "output")]
    assert found.unread == ("dataset other (it is not in d/dataset_info.json)",)


@pytest.mark.parametrize(("files", "unknown"), [((), 1), (("data.arrow",), 0)])
def test_data_that_lie_ready_make_the_data_sets_irrelevant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], unknown: int
) -> None:
    for name in ("saved", "data"):
        (tmp_path / name).mkdir()
    for name in files:
        (tmp_path / "saved" / name).touch()
    (tmp_path / "data" / "dataset_info.json").write_text("{}", encoding="utf-8")
    text = "model_name_or_path: m\ntokenized_path: saved\ndataset: mine\n"
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    typed = command_of("llamafactory-cli train x.yaml", variables={})
    found = read_command(typed) if typed is not None else None
    assert found is not None
    assert len(found.unknown) == unknown


@pytest.mark.parametrize(
    "text",
    [
        "vllm serve m --help",
        "vllm serve --help=page",
        "python -m sglang.launch_server --model-path m -h",
        "ollama run m --help",
        "llamafactory-cli train --help",
        "vllm --help",
        "ollama -h",
        "llamafactory-cli -h",
        "trl --help",
        "axolotl -h",
        "sglang --help",
    ],
)
def test_help_is_no_unknown_option_or_command(text: str) -> None:
    found = read(text)
    assert found.unknown == ()
    assert "(it prints help, and starts nothing)" in " ".join(found.unread)


def test_lora_without_use_peft_trains_everything_with_trl() -> None:
    trl = read("trl sft --model_name_or_path m --lora_r 8").training
    own = read("python finetune.py --model_name_or_path m --lora_r 8").training
    assert trl is not None
    assert own is not None
    assert (trl.method, own.method) == (None, "lora")


def test_a_share_of_warmup_steps_is_a_ratio() -> None:
    training = read("python train.py --warmup_steps 0.1").training
    assert training is not None
    assert (training.warmup_steps, training.warmup_ratio) == (None, 0.1)


def test_scripts_name_the_second_command_and_what_is_not_understood() -> None:
    text = "for i in 1 2\ndo\nvllm serve a\ndone\nvllm serve b\nrm -rf /\necho 'x\n"
    found = read("bash a.sh", {"a.sh": text})
    assert found.model == "a"
    assert "vllm serve b (only the first command is read)" in found.unread
    assert "rm -rf / (no command that is known)" in found.unread


def test_settings_take_texts_of_numbers_and_name_what_is_none() -> None:
    get = Settings({"a": "5e-5", "b": "2.0", "c": [1], "d": "yes", "e": "maybe", "f": 10**400})
    assert (get.number("a"), get.whole("b"), get.truth("d")) == (5e-5, 2, True)
    assert (get.whole("c"), get.truth("e"), get.number("f")) == (None, None, None)
    assert len(get.unread) == 3


@given(data=st.data())
def test_files_of_any_text_never_break_a_reader(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from([each for each in all_readings() if each.files]))
    written = st.text(max_size=60) | st.text("abc:=-[]{}&*'\"$\n \\1", max_size=60)
    files = {path: data.draw(written) for path in example.files}
    found = read_command(replace(example, files=files).typed)
    assert found is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    (
        *("services", "image", "command", "deploy", "ports", "volumes", "environment", "gpus"),
        *("base_model", "datasets", "adapter", "lora_target_modules", "fsdp", "fsdp_config"),
        *("deepspeed", "deepspeed_config", "distributed_type", "learning_rate", "bf16", "dataset"),
        *("num_processes", "num_machines", "warmup_steps", "model", "hf-overrides", "env"),
        *("zero_stage", "gpu_ids", "mixed_precision", "rope_scaling", "flash_attn", "output_dir"),
    )
)


@given(data=st.data())
def test_files_of_any_values_never_break_a_reader(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from([each for each in all_readings() if each.files]))
    tree: dict[str, Any] = data.draw(st.dictionaries(KEYS, VALUES, max_size=6))
    if data.draw(st.booleans()):
        tree = {"services": {"a": tree}}
    files = {path: json.dumps(tree) for path in example.files}
    found = read_command(replace(example, files=files).typed)
    assert found is not None
    assert found.action is None or isinstance(found.action, Action)


@given(
    words=st.lists(st.sampled_from([w for r in all_readings() for w in r.typed.words]), max_size=9)
)
def test_words_of_all_commands_mixed_never_break_a_reader(words: list[str]) -> None:
    read_command(Command(words=tuple(words)))


@pytest.mark.parametrize(
    "script",
    ["constraint.py", "strain.py", "restrained.py", "merge_lora.py", "eval_reward.py", "serve.py"],
)
def test_scripts_that_only_sound_like_training_train_nothing(script: str) -> None:
    assert read(f"python {script} --model m").action is None


@pytest.mark.parametrize("script", ["train.py", "pretrain_gpt.py", "my_trainer.py", "sft.py"])
def test_scripts_that_are_named_after_training_train(script: str) -> None:
    assert read(f"python {script} --model_name_or_path m").action is Action.FINE_TUNE


@pytest.mark.parametrize(
    ("text", "files", "engine"),
    [
        ("torchrun src/train.py x.yaml", {"x.yaml": "finetuning_type: full\n"}, "llama-factory"),
        ("python src/train.py", {"src/train.py": "import llamafactory.train"}, "llama-factory"),
        ("python src/train.py --finetuning_type lora", {}, "llama-factory"),
        ("python src/train.py --model_name_or_path m --bf16", {}, "transformers"),
        ("python src/train.py x.yaml", {"x.yaml": "output_dir: o\n"}, "transformers"),
    ],
)
def test_llama_factory_claims_a_script_only_by_what_is_in_it(
    text: str, files: dict[str, str], engine: str
) -> None:
    assert read(text, files).engine == engine


def test_accelerates_word_for_gathering_weights_becomes_deepspeeds() -> None:
    file = "distributed_type: DEEPSPEED\ndeepspeed_config:\n  zero_stage: 3\n"
    found = read(
        "accelerate launch --config_file a.yaml train.py",
        {"a.yaml": file + "  zero3_save_16bit_model: true\n"},
    )
    assert found.training is not None
    assert found.training.deepspeed == {
        "zero_optimization": {"stage": 3, "stage3_gather_16bit_weights_on_model_save": True}
    }


def test_flags_of_a_script_of_which_nobody_knows_what_it_does_are_not_taken_for_sampling() -> None:
    found = read("python infer_all.py --model m --temperature 0.6 --attn_implementation sdpa")
    assert (found.action, found.model) == (None, "m")
    assert found.sampling.temperature is None
    assert found.attention is None


def test_settings_of_a_file_that_cannot_be_read_stay_hidden_beside_options() -> None:
    found = read("axolotl train gone.yml --micro-batch-size 2")
    assert hidden_settings(found) is not None
    assert hidden_settings(read("axolotl train x.yml", {"x.yml": "base_model: m\n"})) is None
