"""What settings of a training intend: names as transformers, TRL and others' scripts have them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from firstmile.check.command import Command
from firstmile.check.intent import (
    Action,
    Checkpoint,
    Dataset,
    Intent,
    Lora,
    NamedFile,
    Sampling,
    Training,
)
from firstmile.check.resumed_checkpoint import read_checkpoint
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown
from firstmile.check.written_files import fields_of
from firstmile.facts.data_file import ENDINGS, LARGEST_START, read_data_file
from firstmile.facts.machine import UnreadableError

BUILDERS: Final = ("json", "csv", "text", "parquet", "arrow", "pandas")
"""Names that load_dataset takes for files of this machine; any other is a repository's."""
ABSENT: Final = "it does not exist"
UNREAD: Final = "it cannot be read"
NOT_LOOKED_FOR: Final = "it is a pattern or an address, which is not looked for"
"""Why a data file shows nothing."""
_SIGNS: Final = re.compile(r"[*?\[{$]|://")
_DATA_NAMES: Final = (
    "train_file",
    "data_path",
    "dataset_path",
    "train_data",
    "data_file",
    "data_files",
    "dataset_name",
    "dataset",
    "validation_file",
    "eval_data_path",
    "test_file",
)
DESCRIBED: Final = "dataset_info"
"""The setting that holds what LLaMA-Factory's description says of each data file, by its path."""
_OF_TREES: Final = (".json", ".yaml", ".yml")
"""Endings of files that hold settings of DeepSpeed or FSDP."""
_KEPT: Final = tuple(name for name in Dataset.__struct_fields__ if name != "path")


def training_intent(command: Command, get: Settings, *, engine: str) -> Intent:
    """Return the intent that settings tell, with their own `unread`."""
    bits = load_bits(get)
    dtype = get.text("dtype")
    flash = get.truth("use_flash_attn", "use_flash_attention_2")
    training = training_of(command, get, engine=engine)
    return Intent(
        action=Action.FINE_TUNE,
        engine=engine,
        model=get.text(
            "model_name_or_path",
            "model_name",
            "base_model",
            "pretrained_model_name_or_path",
            "model_path",
            "model_id",
            "model",
        ),
        revision=get.text("model_revision"),
        tokenizer=get.text("tokenizer_name"),
        adapter=get.text("adapter_name_or_path"),
        dtype=dtype,
        load_in_bits=bits,
        quantization="bitsandbytes" if bits in (4, 8) else None,
        attention=get.text("attn_implementation") or ("flash_attention_2" if flash else None),
        device_map=get.text("device_map"),
        trust_remote_code=get.truth("trust_remote_code"),
        fast_tokenizer=get.truth("use_fast_tokenizer"),
        chat_template=get.text("chat_template_path", "chat_template"),
        sampling=Sampling(
            temperature=get.number("temperature"),
            top_p=get.number("top_p"),
            top_k=get.whole("top_k"),
            min_p=get.number("min_p"),
            repetition_penalty=get.number("repetition_penalty"),
            max_new_tokens=get.whole("max_completion_length", "max_new_tokens"),
        ),
        training=training,
        files=_files(command, get),
        unread=tuple(get.unread),
    )


def _files(command: Command, get: Settings) -> tuple[NamedFile, ...]:
    """Return the files with settings of DeepSpeed and FSDP that are named."""
    named = [get.values.get(name) for name in ("deepspeed", "deepspeed_config", "fsdp_config")]
    paths = dict.fromkeys(each for each in named if isinstance(each, str))
    return tuple(one for path in paths if path.endswith(_OF_TREES) for one in command.file(path))


def load_bits(get: Settings) -> int | None:
    """Return the bits that the base model is loaded in."""
    if get.truth("load_in_4bit", "use_4bit_quantization") or get.truth("q_lora"):
        return 4
    if get.truth("load_in_8bit", "use_8bit_quantization"):
        return 8
    return get.whole("quantization_bit", "bits")


def training_of(command: Command, get: Settings, *, engine: str) -> Training:
    """Return what settings say of a training."""
    warmup = get.number("warmup_steps")
    share = warmup is not None and 0 < warmup < 1
    completion = get.truth("completion_only_loss")
    if completion is None and get.truth("assistant_only_loss"):
        completion = True
    if completion is None and get.has("train_on_inputs"):
        inputs = get.truth("train_on_inputs")
        completion = None if inputs is None else not inputs
    lora = lora_of(get)
    grouped = get.truth("group_by_length")
    if grouped is None and get.text("train_sampling_strategy") == "group_by_length":
        grouped = True
    resumed, output = get.text("resume_from_checkpoint"), get.text("output_dir")
    return Training(
        method=_method(get, lora, engine),
        per_device_batch_size=get.whole("per_device_train_batch_size"),
        gradient_accumulation_steps=get.whole("gradient_accumulation_steps"),
        learning_rate=get.number("learning_rate"),
        scheduler=get.text("lr_scheduler_type"),
        warmup_steps=None if warmup is None or share else int(warmup),
        warmup_ratio=warmup if share else get.number("warmup_ratio"),
        epochs=get.number("num_train_epochs"),
        max_steps=get.whole("max_steps"),
        optimizer=get.text("optim"),
        weight_decay=get.number("weight_decay"),
        max_grad_norm=get.number("max_grad_norm"),
        fp16=get.truth("fp16"),
        bf16=get.truth("bf16"),
        tf32=get.truth("tf32"),
        gradient_checkpointing=get.truth("gradient_checkpointing", "activation_checkpointing"),
        use_cache=get.truth("use_cache"),
        packing=get.truth("packing"),
        padding_free=get.truth("padding_free"),
        max_length=get.whole(
            "max_length", "max_seq_length", "cutoff_len", "model_max_length", "block_size"
        ),
        completion_only=completion,
        response_template=get.text("response_template"),
        lora=lora,
        deepspeed=tree_of(command, get, "deepspeed") or tree_of(command, get, "deepspeed_config"),
        fsdp=_fsdp(command, get),
        resume_from=resumed,
        output_folder=output,
        settings=dict(get.values),
        checkpoint=_left_in(command, resumed),
        output=_left_in(command, output),
        evaluation_strategy=get.text("eval_strategy", "evaluation_strategy"),
        save_strategy=get.text("save_strategy"),
        load_best_model=get.truth("load_best_model_at_end"),
        group_by_length=grouped,
        remove_unused_columns=get.truth("remove_unused_columns"),
        workers=get.whole("dataloader_num_workers"),
        datasets=datasets_of(command, data_paths(get)),
    )


def _left_in(command: Command, folder: str | None) -> Checkpoint | None:
    """Return what an earlier training left in a folder; None where no folder was looked into.

    To go on may also be said by a word of truth, which names no folder.
    """
    if folder is None or folder.lower() in ("true", "false") or not command.looks_into_files:
        return None
    return read_checkpoint(folder, command.read_start)


def _method(get: Settings, lora: Lora | None, engine: str) -> str | None:
    """Return the method: TRL and others train an adapter only where they are told to use one."""
    switches = [get.truth(name) for name in ("use_peft", "use_lora", "use_peft_lora")]
    asked = True in switches or get.truth("q_lora")
    if get.truth("full_finetune") or (False in switches and True not in switches):
        return "full"
    if asked or (lora is not None and engine != "trl"):
        return "qlora" if load_bits(get) == 4 else "lora"
    return None


def lora_of(get: Settings) -> Lora | None:
    """Return what settings say of an adapter, None where they say nothing."""
    found = Lora(
        rank=get.whole("lora_r"),
        alpha=get.number("lora_alpha"),
        dropout=get.number("lora_dropout"),
        target_modules=get.texts("lora_target_modules"),
        modules_to_save=get.texts("lora_modules_to_save"),
    )
    return None if found == Lora() else found


def tree_of(command: Command, get: Settings, name: str) -> dict[str, Any] | None:
    """Return a set of fields that is given itself, as JSON, or as the path of a JSON file."""
    value = get.values.get(name)
    if isinstance(value, Mapping) or (isinstance(value, str) and value.lstrip()[:1] == "{"):
        return get.tree(name)
    path = get.text(name)
    if path is None:
        return None
    try:
        return fields_of(path, command.read_text, yaml=path.endswith((".yaml", ".yml")))
    except UnreadableError as error:
        get.unread.append(shown(f"{name} {path} ({error})"))
        return None


def _fsdp(command: Command, get: Settings) -> dict[str, Any] | None:
    value = get.values.get("fsdp")
    options = get.texts("fsdp") if not isinstance(value, bool | Mapping) else ()
    tree: dict[str, Any] = {}
    if isinstance(value, Mapping):
        tree |= {str(key): inner for key, inner in value.items()}
    elif value is True:
        tree["options"] = "True"
    if options and options not in (("False",), ("false",)):
        tree["options"] = " ".join(options)
    tree |= tree_of(command, get, "fsdp_config") or {}
    wrapped = get.text("fsdp_transformer_layer_cls_to_wrap")
    if wrapped is not None:
        tree["transformer_layer_cls_to_wrap"] = wrapped
    return tree or None


def data_paths(get: Settings) -> tuple[str, ...]:
    """Return the data files that settings name, by their endings."""
    found: list[str] = []
    for name in _DATA_NAMES:
        value = get.values.get(name)
        parts = value if isinstance(value, list | tuple) else Settings.parted(str(value or ""))
        found += [part for part in parts if isinstance(part, str) and _is_data(part)]
    return tuple(dict.fromkeys(found))


def _is_data(path: str) -> bool:
    return path.lower().endswith((*ENDINGS, ".parquet"))


def datasets_of(command: Command, paths: tuple[str, ...]) -> tuple[Dataset, ...]:
    """Return what the data files of a training show; one that cannot be read says so."""
    return tuple(_dataset(command, path) for path in paths[:20])


def _why_nothing(command: Command, path: str) -> str:
    if _SIGNS.search(path):
        return NOT_LOOKED_FOR
    return ABSENT if any(not one.is_there for one in command.file(path)) else UNREAD


def _dataset(command: Command, path: str) -> Dataset:
    data = command.read_start(path, LARGEST_START + 1)
    if data is None:
        ending = path.lower().rpartition(".")[2]
        return Dataset(path=path, form=ending, records=0, problem=_why_nothing(command, path))
    read = read_data_file(path, data[:LARGEST_START], whole=len(data) <= LARGEST_START)
    return Dataset(path=path, **{name: getattr(read, name) for name in _KEPT})
