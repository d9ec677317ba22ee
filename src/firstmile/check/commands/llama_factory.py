"""LLaMA-Factory: `llamafactory-cli train x.yaml key=value`, `chat`, `api`, `export`.

Also `python src/train.py` with its flags. A data set by its name is looked up in
`dataset_info.json` of the `dataset_dir`, which is `data` where nothing is said.
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading
from firstmile.check.flag_tables.llama_factory import FLAGS, NAMES
from firstmile.check.flags import Grammar, take_apart
from firstmile.check.intent import Action, Intent, NamedFile, Parallel, Unknown
from firstmile.check.settings import Settings
from firstmile.check.training_settings import (
    DESCRIBED,
    datasets_of,
    lora_of,
    training_intent,
)
from firstmile.check.unknown_words import no_command, shown, unknown
from firstmile.check.written_files import fields_of, yaml_of
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.documents import json_of

_PROGRAMS: Final = ("llamafactory-cli", "lmf")
_ENDINGS: Final = (".yaml", ".yml", ".json")
_ACTIONS: Final = {
    "train": Action.FINE_TUNE,
    "chat": Action.GENERATE,
    "webchat": Action.SERVE,
    "api": Action.SERVE,
    "export": Action.CONVERT,
}
_ATTENTION: Final = {"fa2": "flash_attention_2", "disabled": "eager"}
_NAMES: Final = {
    "lora_rank": "lora_r",
    "lora_target": "lora_target_modules",
    "additional_target": "lora_modules_to_save",
    "evaluation_strategy": "eval_strategy",
    "per_gpu_train_batch_size": "per_device_train_batch_size",
}
"""LLaMA-Factory's names by those of transformers and PEFT."""


def is_llama_factory(command: Command) -> bool:
    """Tell whether a script that Python starts is LLaMA-Factory's."""
    if command.module in ("llamafactory.launcher", "llamafactory.cli", "llamafactory"):
        return True
    script = command.script
    if script is None:
        return False
    if script.endswith(("llamafactory/launcher.py", "train_bash.py")):
        return True
    words = command.arguments.words
    if any(word.partition("=")[0] == "--finetuning_type" for word in words):
        return True
    if not script.endswith("src/train.py"):
        return False
    text = command.read_text(script) or ""
    written = command.read_text(words[0]) if words and words[0].endswith(_ENDINGS) else None
    return "llamafactory" in text or "finetuning_type" in (written or "")


def reads(command: Command) -> bool:
    """Tell the program, its short name, and its scripts."""
    return command.program in _PROGRAMS or is_llama_factory(command)


def read(command: Command) -> Intent:
    """Read the file, the settings over it, or the flags."""
    words = command.arguments.words
    name = "train"
    if command.program in _PROGRAMS or command.module is not None:
        name, words = (words[0] if words else ""), words[1:]
    if name not in _ACTIONS:
        what = no_command("llamafactory-cli", name, _ACTIONS, why="it is not read")
        return Intent(engine="llama-factory", unread=(what,))
    unread: list[str] = []
    arguments: Intent = Intent()
    values: dict[str, Any] = {}
    files: tuple[NamedFile, ...] = ()
    if words and words[0].endswith(_ENDINGS):
        files = command.file(words[0])
        try:
            values = fields_of(words[0], command.read_text)
        except UnreadableError as error:
            unread.append(shown(f"{words[0]} ({error})"))
        unread += _overrides(values, words[1:])
        known = Settings(values)
        known.name_unknown(NAMES)
        unread += known.unread
        names = tuple(known.unknown)
    else:
        said = take_apart(words, FLAGS, Grammar(abbreviations=True))
        values = dict(said.values)
        unread += [*said.unread, *map(shown, said.positional)]
        names = said.unknown
        arguments = Intent(arguments=said.arguments)
    get = Settings({_NAMES.get(key, key): value for key, value in values.items()})
    intent = _intent(command, get, _ACTIONS[name])
    return replace(
        intent,
        arguments=arguments.arguments,
        files=(*files, *intent.files),
        unread=(*unread, *get.unread),
        unknown=(*names, *get.unknown),
    )


def _overrides(values: dict[str, Any], words: tuple[str, ...]) -> Iterator[str]:
    """Lay `key=value` over a file's settings, and yield the words that are none."""
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name.startswith("-"):
            yield shown(word)
            continue
        try:
            values[name] = yaml_of(text)
        except UnreadableError:
            values[name] = text


def _intent(command: Command, get: Settings, action: Action) -> Intent:
    found = training_intent(command, get, engine="llama-factory")
    kind = get.text("finetuning_type")
    bits = get.whole("quantization_bit")
    method = kind
    if kind == "lora" and bits is not None:
        method = "qlora"
    training = found.training
    if training is not None:
        files = dict(_files(command, get))
        prompt = get.truth("train_on_prompt")
        disabled = get.truth("disable_gradient_checkpointing")
        training = replace(
            training,
            method=method,
            completion_only=None if prompt is None else not prompt,
            gradient_checkpointing=False if disabled else training.gradient_checkpointing,
            packing=training.packing if training.packing is not None else get.truth("neat_packing"),
            lora=lora_of(get),
            datasets=datasets_of(command, tuple(files)),
            settings={**training.settings, DESCRIBED: files},
        )
    attention = get.text("flash_attn")
    rope = get.text("rope_scaling")
    variables = command.variables
    backend = get.text("infer_backend")
    return replace(
        found,
        action=action,
        attention=_ATTENTION.get(attention, attention) if attention not in (None, "auto") else None,
        load_in_bits=bits,
        quantization=get.text("quantization_method") or ("bitsandbytes" if bits else None),
        dtype=get.text("infer_dtype"),
        chat_template=get.text("template"),
        context=get.whole("vllm_maxlen", "sglang_maxlen")
        if action is not Action.FINE_TUNE and backend in ("vllm", "sglang")
        else None,
        gpu_memory_share=get.number("vllm_gpu_util", "sglang_mem_fraction"),
        rope_scaling={"rope_type": rope} if rope is not None else None,
        training=training if action is Action.FINE_TUNE else None,
        parallel=Parallel(
            processes=_number(variables, "NPROC_PER_NODE"),
            nodes=_number(variables, "NNODES"),
            node_rank=_number(variables, "NODE_RANK"),
            master_address=variables.get("MASTER_ADDR"),
            master_port=_number(variables, "MASTER_PORT"),
        ),
    )


def _number(variables: Mapping[str, str], name: str) -> int | None:
    return Settings(variables).whole(name)


def _files(command: Command, get: Settings) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the data files that `dataset_info.json` names for the data sets, and what it says.

    Of data that lie ready in `tokenized_path`, or may, the data sets do not count
    (data/loader.py).
    """
    ready = get.text("tokenized_path")
    if ready is not None and command.list_folder(ready) not in ((), []):
        return
    folder = get.text("dataset_dir") or "data"
    text = command.read_text(posixpath.join(folder, "dataset_info.json"))
    info: Any = {}
    try:
        info = json_of(text) if text is not None else {}
    except UnreadableError as error:
        get.unread.append(shown(f"{folder}/dataset_info.json ({error})"))
        return
    for name in (*get.texts("dataset"), *get.texts("eval_dataset")):
        about = info.get(name) if isinstance(info, dict) else None
        file = about.get("file_name") if isinstance(about, dict) else None
        if isinstance(about, dict) and isinstance(file, str):
            yield posixpath.join(folder, file), about
        elif text is not None and about is None:
            get.unread.append(shown(f"dataset {name} (it is not in {folder}/dataset_info.json)"))
            if isinstance(info, dict):
                get.unknown.append(unknown("data set", name, info))


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="llamafactory-cli train x.yaml learning_rate=1e-4 bf16=true --qlora",
        files={
            "x.yaml": "model_name_or_path: m\nstage: sft\ndo_train: true\nfinetuning_type: lora\n"
            "lora_rank: 8\nlora_target: q_proj,v_proj\ntemplate: llama3\ncutoff_len: 2048\n"
            "dataset: mine\nper_device_train_batch_size: 1\nlearning_rate: 1.0e-5\n"
            "flash_attn: fa2\nquantization_bit: 4\ntempalte: x\n",
            "data/dataset_info.json": '{"mine": {"file_name": "mine.json"}}',
        },
        expects={
            "action": Action.FINE_TUNE,
            "engine": "llama-factory",
            "model": "m",
            "training.method": "qlora",
            "training.lora.rank": 8,
            "training.lora.target_modules": ("q_proj", "v_proj"),
            "training.learning_rate": 1e-4,
            "training.bf16": True,
            "training.max_length": 2048,
            "load_in_bits": 4,
            "attention": "flash_attention_2",
            "chat_template": "llama3",
            "unread": ("--qlora", "tempalte (did you mean template?)"),
            "unknown": (Unknown(kind="setting", written="tempalte", near="template"),),
        },
    )
    yield Reading(
        command="FORCE_TORCHRUN=1 NNODES=2 NPROC_PER_NODE=4 python src/train.py --stage dpo "
        "--do_train True --finetuning_type full --model_name_or_path m --deepspeed z.json",
        files={"z.json": '{"zero_optimization": {"stage": 3}}'},
        expects={
            "engine": "llama-factory",
            "training.method": "full",
            "training.deepspeed": {"zero_optimization": {"stage": 3}},
            "parallel.nodes": 2,
            "parallel.processes": 4,
            "unread": (),
        },
    )
    yield Reading(
        command="llamafactory-cli train --model_name models/q --sft_packing -h",
        expects={
            "model": "models/q",
            "unread": ("-h (it prints help, and starts nothing)",),
            "unknown": (),
        },
    )
    yield Reading(
        command="llamafactory-cli train x.yaml",
        files={
            "x.yaml": "tokenized_path: saved\ndataset: gone\nnew_special_tokens: a\n",
            "data/dataset_info.json": "{}",
        },
        expects={"unread": (), "unknown": ()},
    )
    yield Reading(
        command="llamafactory-cli api x.yaml",
        files={"x.yaml": "model_name_or_path: m\ninfer_backend: vllm\nvllm_maxlen: 8192\n"},
        expects={"action": Action.SERVE, "context": 8192, "training": None},
    )
