"""axolotl: `axolotl train x.yaml`, and `accelerate launch -m axolotl.cli.train x.yaml`.

Options of the command line (`--learning-rate 1e-4`) go over the file's. The other commands that
take the same file are read for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, joined
from firstmile.check.commands import accelerate_launch, torchrun
from firstmile.check.flag_tables.axolotl import NAMES, SWITCHES
from firstmile.check.flags import Grammar, Takes, flags, plain, take_apart
from firstmile.check.intent import Action, Intent, Lora, NamedFile, Parallel
from firstmile.check.settings import Settings
from firstmile.check.training_settings import BUILDERS, datasets_of, training_intent
from firstmile.check.unknown_words import no_command, shown
from firstmile.check.written_files import fields_of, yaml_of
from firstmile.facts.data_file import ENDINGS
from firstmile.facts.machine import UnreadableError

_ACTIONS: Final = {
    "train": Action.FINE_TUNE,
    "preprocess": Action.CONVERT,
    "evaluate": Action.GENERATE,
    "inference": Action.GENERATE,
    "merge-lora": Action.CONVERT,
    "merge_lora": Action.CONVERT,
}
_NAMES: Final = {
    "base_model": "model_name_or_path",
    "revision_of_model": "model_revision",
    "tokenizer_config": "tokenizer_name",
    "micro_batch_size": "per_device_train_batch_size",
    "num_epochs": "num_train_epochs",
    "optimizer": "optim",
    "lr_scheduler": "lr_scheduler_type",
    "sequence_len": "max_length",
    "sample_packing": "packing",
    "lora_model_dir": "adapter_name_or_path",
    "tokenizer_use_fast": "use_fast_tokenizer",
    "evaluation_strategy": "eval_strategy",
}
"""axolotl's names by those of transformers and PEFT."""
_FLAGS: Final = (
    *flags(Takes.TEXT, " ".join(f"--{name}" for name in sorted(NAMES - SWITCHES))),
    *flags(Takes.BOOL, " ".join(f"--{name}" for name in sorted(SWITCHES))),
    *flags(Takes.SWITCH, "--debug-text-only --gradio --chat --dequant --shard"),
    *flags(Takes.INT, "--num-processes --main-process-port --debug-num-examples"),
)
_OF_PROGRAM: Final = ("num_processes", "main_process_port", "debug_num_examples", "launcher")
"""Options of the program that are no settings."""
_ATTENTION: Final = {
    "flash_attention": "flash_attention_2",
    "sdp_attention": "sdpa",
    "eager_attention": "eager",
    "flex_attention": "flex_attention",
    "xformers_attention": "xformers",
}


def reads(command: Command) -> bool:
    """Tell axolotl's program and its modules."""
    return command.program == "axolotl" or (command.module or "").startswith("axolotl.cli")


def read(command: Command) -> Intent:
    """Read the file and the options over it."""
    words = command.arguments.words
    if command.program == "axolotl":
        name, words = (words[0] if words else ""), words[1:]
    else:
        name = (command.module or "").rpartition(".")[2]
    if name not in _ACTIONS:
        return Intent(
            engine="axolotl",
            unread=(no_command("axolotl", name, _ACTIONS, why="it is not read"),),
        )
    place = words.index("--") if "--" in words else len(words)
    said = take_apart(words[:place], _FLAGS, Grammar())
    outer = _launched(command, said.values, words[place + 1 :])
    unread = [*said.unread, *map(shown, said.positional[1:])]
    values: dict[str, Any] = {}
    files: tuple[NamedFile, ...] = ()
    if said.positional:
        path = said.positional[0]
        files = command.file(path)
        try:
            values = fields_of(path, command.read_text)
        except UnreadableError as error:
            unread.append(shown(f"{path} ({error})"))
    file = Settings(values)
    file.name_unknown(NAMES)
    for key, text in said.values.items():
        if key in _OF_PROGRAM:
            continue
        try:
            values[plain(key)] = yaml_of(text) if isinstance(text, str) else text
        except UnreadableError:
            values[plain(key)] = text
    get = Settings({_NAMES.get(key, key): value for key, value in values.items()})
    intent = _intent(command, get, _ACTIONS[name])
    intent = replace(
        intent,
        arguments=said.arguments,
        files=(*files, *intent.files),
        unread=(*unread, *file.unread, *get.unread),
    )
    return joined(outer, intent)


def _launched(command: Command, given: Mapping[str, Any], words: Sequence[str]) -> Intent:
    """Return what the launcher is told: by options of the program, or by words behind `--`."""
    counted = Parallel(
        processes=given.get("num_processes"), master_port=given.get("main_process_port")
    )
    if not words:
        return Intent(parallel=counted)
    if given.get("launcher") == "torchrun":
        return torchrun.read(command.starting(("torchrun", *words)))
    said = take_apart(words, accelerate_launch.FLAGS, Grammar(abbreviations=True))
    found = accelerate_launch.launched(command, said.values)
    return joined(Intent(parallel=counted, arguments=said.arguments, unread=said.unread), found)


def _intent(command: Command, get: Settings, action: Action) -> Intent:
    found = training_intent(command, get, engine="axolotl")
    adapter = get.text("adapter")
    training = found.training
    if training is not None:
        lora = training.lora
        if get.truth("lora_target_linear") and (lora is None or not lora.target_modules):
            lora = replace(lora or Lora(), target_modules=("all-linear",))
        half = get.truth("bfloat16"), get.truth("float16")
        training = replace(
            training,
            method=adapter or "full",
            global_batch_size=get.whole("batch_size"),
            bf16=training.bf16 if training.bf16 is not None else half[0],
            fp16=training.fp16 if training.fp16 is not None else half[1],
            lora=lora,
            datasets=datasets_of(command, _files(get)),
        )
    attention = next((value for key, value in _ATTENTION.items() if get.truth(key)), None)
    return replace(
        found,
        action=action,
        attention=found.attention or attention,
        quantization=found.quantization or ("gptq" if get.truth("gptq") else None),
        parallel=Parallel(
            tensor=get.whole("tensor_parallel_size"),
            context=get.whole("context_parallel_size", "sequence_parallel_degree"),
        ),
        training=training if action is Action.FINE_TUNE else None,
    )


def _files(get: Settings) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("datasets", "test_datasets", "pretraining_dataset"):
        listed = get.values.get(name)
        for each in listed if isinstance(listed, list) else ():
            if not isinstance(each, dict):
                continue
            files = each.get("path")
            if files is None or files in BUILDERS:
                files = each.get("data_files")
            for path in files if isinstance(files, list) else (files,):
                if isinstance(path, str) and path.lower().endswith((*ENDINGS, ".parquet")):
                    found.append(path)
    return tuple(dict.fromkeys(found))


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="axolotl train x.yaml --learning-rate 1e-4 --zzz 1",
        files={
            "x.yaml": "base_model: m\nload_in_4bit: true\nadapter: qlora\nlora_r: 32\n"
            "lora_target_linear: true\nsequence_len: 4096\nsample_packing: true\n"
            "micro_batch_size: 2\nnum_epochs: 1\noptimizer: adamw_bnb_8bit\nbf16: auto\n"
            "learning_rate: 0.0002\nflash_attention: true\nsequence_length: 3\n"
            "train_on_inputs: false\nwarmup_steps: 10\n"
        },
        expects={
            "action": Action.FINE_TUNE,
            "engine": "axolotl",
            "model": "m",
            "load_in_bits": 4,
            "attention": "flash_attention_2",
            "training.method": "qlora",
            "training.lora.target_modules": ("all-linear",),
            "training.max_length": 4096,
            "training.packing": True,
            "training.per_device_batch_size": 2,
            "training.optimizer": "adamw_bnb_8bit",
            "training.learning_rate": 1e-4,
            "training.bf16": None,
            "training.completion_only": True,
            "training.warmup_steps": 10,
            "unread": ("--zzz 1", "sequence_length (did you mean sequence_len?)"),
        },
    )
    yield Reading(
        command="python -m axolotl.cli.train x.yaml",
        files={"x.yaml": "base_model: m\nmicro_batch_size: 4\n"},
        expects={"training.method": "full", "training.per_device_batch_size": 4},
    )
    yield Reading(
        command="axolotl fetch examples",
        expects={"unread": ("axolotl fetch (it is not read)",)},
    )
    yield Reading(
        command="axolotl train x.yaml --launcher torchrun -- --nproc_per_node=2 --nnodes=1",
        files={"x.yaml": "base_model: m\n"},
        expects={"engine": "axolotl", "parallel.processes": 2, "parallel.nodes": 1, "unread": ()},
    )
    yield Reading(
        command="axolotl train x.yaml --flash-attention --num-processes 2 --no-sample-packing",
        files={"x.yaml": "base_model: m\nsample_packing: true\nswanlab_project: p\n"},
        expects={
            "parallel.processes": 2,
            "attention": "flash_attention_2",
            "training.packing": False,
            "unread": (),
        },
    )
    yield Reading(
        command="axolotl train x.yaml -- --num_processes=4 --mixed_precision bf16",
        files={"x.yaml": "base_model: m\n"},
        expects={"parallel.processes": 4, "training.bf16": True, "unread": ()},
    )
    yield Reading(
        command="axolotl preprocess x.yaml --debug",
        files={"x.yaml": "base_model: m\n"},
        expects={"action": Action.CONVERT, "model": "m", "training": None, "unread": ()},
    )
