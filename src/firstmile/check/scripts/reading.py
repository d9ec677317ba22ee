"""What a Python script intends, by the calls in it: transformers, TRL, PEFT, vLLM and others.

A setting counts where every call of its kind gives the same literal. Where one that decides what
is computed is no literal, the engine stays unsaid: a default must not stand for what is not known.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.check.command import Command
from firstmile.check.flag_tables.training import SIGNS
from firstmile.check.flags import Flag
from firstmile.check.intent import Action, Argument, Intent, OwnOptions, Sampling
from firstmile.check.scripts.calls import read_script
from firstmile.check.scripts.filled import MODEL_CONFIG, OF_TRL, Filled, said_by
from firstmile.check.scripts.kinds import Sorted
from firstmile.check.scripts.literals import UNREAD
from firstmile.check.scripts.loading import Loaded, adapter_of, as_loads, read_loading
from firstmile.check.scripts.served import ids_of, read_served, sampling_of
from firstmile.check.settings import Settings
from firstmile.check.training_settings import BUILDERS, load_bits
from firstmile.check.unknown_words import shown
from firstmile.facts.machine import UnreadableError

_PARSERS: Final = re.compile(
    r"\b(?:argv|argparse|ArgumentParser|HfArgumentParser|TrlParser|fire|click|typer|tyro|hydra|absl"
    r"|docopt|simple_parsing|OmegaConf|Tap|jsonargparse)\b"
)
"""Names by which a script takes flags of its command."""
_DECIDING: Final = (
    *("per_device_train_batch_size", "gradient_accumulation_steps", "gradient_checkpointing"),
    *("learning_rate", "num_train_epochs", "max_steps", "bf16", "fp16", "optim", "deepspeed"),
    *("fsdp", "fsdp_config", "max_length", "max_seq_length", "packing", "use_cpu", "no_cuda"),
    *("eval_strategy", "evaluation_strategy", "save_strategy", "load_best_model_at_end"),
)
"""Settings of a training whose defaults would say something else."""
_OF_LORA: Final = {
    "r": "lora_r",
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
    "target_modules": "lora_target_modules",
    "modules_to_save": "lora_modules_to_save",
}
_OBJECTS: Final = (
    *("model", "args", "tokenizer", "processing_class", "train_dataset", "eval_dataset"),
    *("data_collator", "callbacks", "peft_config", "compute_metrics", "optimizers"),
    *("quantization_config", "ref_model", "reward_funcs", "reward_model"),
)
"""Arguments of trainers that are no settings."""
_SAMPLED: Final = (
    *("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "do_sample"),
    *("max_new_tokens", "num_beams"),
)
_WRITES: Final = re.compile(
    r"\bto_(?:json|csv|parquet)\(|\bjson\.dump\(|\bopen\([^()]{0,200}[\"'][wax]b?[\"']"
)
"""Names by which a script writes files, so that its data need not be there before it runs."""
_LENGTHS: Final = re.compile(
    r"max_(?:new_tokens|length|tokens)|MaxLengthCriteria|GenerationConfig|generation_config"
)
"""Names by which a script says how long answers may be."""
_SPREADS: Final = re.compile(r"[\"'](?:auto|balanced\w{0,20}|sequential)[\"']")
"""Device maps that spread a model over devices."""
COMPUTE_TYPE: Final = "bnb_4bit_compute_dtype"
"""Setting of BitsAndBytesConfig that says in which type 4-bit weights are multiplied."""
NO_LENGTH: Final = "no length of answers"
"""Name of an argument that says of a script that none of those names is in it."""
_MOST_NOTES: Final = 20


class ScriptRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a script says: settings of a training, or else an intent; and its own flags.

    `trains` says that it makes a Trainer; `settings` are by TrainingArguments' names, and stand
    over the command's flags, `defaults` under them. `engine` is None where something that decides
    what is computed could not be read. `takes_flags` says that it takes flags of its command
    somehow, `flags` those that argparse or a parser of dataclasses is told of, `stops_at_unknown`
    that it ends at any other. `placed` are words without a flag that its parser takes.
    """

    intent: Intent
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict)
    defaults: Mapping[str, Any] = msgspec.field(default_factory=dict)
    engine: str | None = None
    trains: bool = False
    flags: tuple[Flag, ...] = ()
    takes_flags: bool = True
    stops_at_unknown: bool = False
    placed: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether any call of the script is one that is known."""
        return self.trains or self.intent.action is not None or self.intent.model is not None


def read_python_script(
    command: Command, path: str, written: Mapping[str, Any] | None = None
) -> ScriptRead | None:
    """Return what a script says; None where it is no file that can be read.

    `written` are settings of the file that the command names.
    """
    text = command.read_text(path)
    if text is None:
        return None
    try:
        script = read_script(text, command.arguments.words, written, path)
    except UnreadableError as error:
        return ScriptRead(intent=Intent(unread=(shown(f"{path} ({error})"),)))
    found = Sorted(path)
    for each in script.calls:
        found.take(each)
    filled = script.filled or _filled_elsewhere(found, command, written or {})
    read = _read(command, found, filled, spreads=_SPREADS.search(text) is not None)
    if "data_files" in read.settings and _WRITES.search(text):
        left = {key: each for key, each in read.settings.items() if key != "data_files"}
        read = replace(read, settings=left)
    arguments = read.intent.arguments
    generates = found.generations.counted or found.pipelines.counted
    if generates and not _LENGTHS.search(text):
        where = f"no max_new_tokens in {path}"
        arguments = (*arguments, Argument(written=where, name=NO_LENGTH, value=""))
    notes = dict.fromkeys(read.intent.unread)
    unread = tuple(notes)[:_MOST_NOTES]
    if len(notes) > _MOST_NOTES:
        unread = (*unread, f"{path} (more of it is no literal)")
    return replace(
        read,
        intent=replace(
            read.intent,
            arguments=arguments,
            variables=script.variables,
            unread=unread,
            own_options=_own_options(command, path, script.own_options),
        ),
        flags=script.flags,
        placed=script.placed,
        stops_at_unknown=filled is not None and filled.is_strict,
        takes_flags=filled is not None or _PARSERS.search(text) is not None,
    )


def _own_options(command: Command, path: str, own: OwnOptions | None) -> OwnOptions | None:
    """Return what the script's parser says, unless a file beside it adds words to the command.

    HfArgumentParser reads them from train.args beside train.py.
    """
    beside = f"{path.removesuffix('.py')}.args"
    return None if own is None or command.read_text(beside) is not None else own


def _filled_elsewhere(found: Sorted, command: Command, written: Mapping[str, Any]) -> Filled | None:
    """Return what the command says to a Trainer whose arguments another file of code takes."""
    if found.arguments.calls or not found.trainers.counted:
        return None
    said = said_by(command.arguments.words, written)
    return Filled(said=said) if SIGNS & said.keys() else None


def _read(command: Command, found: Sorted, filled: Filled | None, *, spreads: bool) -> ScriptRead:
    for engine, kind in found.servers.items():
        if kind.counted:
            served = read_served(command, found, engine, kind)
            arguments = (*served.arguments, *found.uses())
            return ScriptRead(intent=replace(served, arguments=arguments), engine=served.engine)
    if found.arguments.calls or found.trainers.calls or (filled is not None and filled.trains):
        return _training(found, filled, spreads=spreads)
    return _computing(found)


def _training(found: Sorted, filled: Filled | None, *, spreads: bool) -> ScriptRead:
    loaded = read_loading(found, found.models)
    said, made, lora = found.arguments.agreed(), found.trainers.agreed(), found.loras.agreed()
    found.note(found.arguments, said, _DECIDING)
    found.note(found.trainers, made, ("max_seq_length", "packing"))
    found.note(found.loras, lora, ("r", "lora_alpha", "target_modules"))
    named = found.trainers.first("model")
    is_known = loaded.is_known or isinstance(named, str)
    is_known = is_known or _loads_as_said(found, loaded, filled, spreads=spreads)
    is_known = is_known and _arguments_are_known(found, said, made, filled)
    if not found.loras.calls and not _takes_peft_of_trl(filled):
        wraps = found.wrapped.calls or found.adapters.calls
        is_known = is_known and not wraps and made.get("peft_config") is not UNREAD
    later = {} if filled is None else filled.later
    for name in (each for each in _DECIDING if later.get(each) is UNREAD):
        found.notes.append(shown(f"{name} in {found.path} (it is set later, and not for certain)"))
    settings: dict[str, Any] = {
        name: value
        for source in (made, said, later)
        for name, value in source.items()
        if value is not UNREAD and value is not None and name not in _OBJECTS
    }
    for name, value in loaded.settings.items():
        if value is not None:
            settings.setdefault("model_name_or_path" if name == "model" else name, value)
    if isinstance(named, str):
        settings["model_name_or_path"] = named
    if found.loras.calls:
        is_known = is_known and bool(found.loras.counted)
        settings["use_peft"] = True
        for name, setting in _OF_LORA.items():
            if lora.get(name) not in (None, UNREAD):
                settings[setting] = lora[name]
    if _recomputes(found):
        settings["gradient_checkpointing"] = True
    compute = _type_of_products(found)
    if compute is not None:
        settings[COMPUTE_TYPE] = compute
    response = found.responses.first("response_template")
    if isinstance(response, str):
        settings["response_template"] = response
    files = found.data.agreed().get("data_files")
    if isinstance(files, str | tuple) and found.data.first("path") in BUILDERS:
        settings["data_files"] = files
    classes = frozenset() if filled is None else filled.classes
    of_trl = found.of_trl() or any(OF_TRL.match(each) for each in classes)
    engine = "trl" if of_trl else "transformers"
    uses = list(found.uses())
    if MODEL_CONFIG in classes:
        where = f"{MODEL_CONFIG} of TRL in {found.path}"
        uses.append(Argument(written=where, name=MODEL_CONFIG, value=""))
    return ScriptRead(
        intent=Intent(arguments=tuple(uses), unread=tuple(found.notes)),
        settings=settings,
        defaults={} if filled is None else filled.defaults,
        engine=engine if is_known else None,
        trains=True,
    )


def _recomputes(found: Sorted) -> bool:
    """Say whether activations are recomputed by a call: PEFT's preparing does so unasked."""
    asked = (each.named.get("use_gradient_checkpointing") for each in found.recomputing.counted)
    return any(each is None or each is True for each in asked)


def _type_of_products(found: Sorted) -> str | None:
    """Return the type that 4-bit weights are multiplied in: float32 where all is written out."""
    calls = found.quantizations.counted
    said = found.quantizations.agreed()
    if not calls or found.quantizations.is_open or said.get("load_in_4bit") is not True:
        return None
    value = said.get(COMPUTE_TYPE, "float32")
    return value if isinstance(value, str) else None


def _arguments_are_known(
    found: Sorted, said: Mapping[str, Any], made: Mapping[str, Any], filled: Filled | None
) -> bool:
    """Say whether all settings that decide are known: of the code, or of what a parser fills.

    The learning rate changes nothing else, unless a DeepSpeed file may state another.
    """
    if found.arguments.calls:
        is_written = bool(found.arguments.counted) and not found.arguments.is_open
    else:
        is_written = filled is not None
    later = {} if filled is None else filled.later
    sources = (said, made, later, {} if filled is None else filled.said)
    alone = not any(one.get("deepspeed") for one in sources)
    deciding = [name for name in _DECIDING if name != "learning_rate" or not alone]
    return is_written and not any(one.get(name) is UNREAD for one in sources for name in deciding)


def _loads_as_said(found: Sorted, loaded: Loaded, filled: Filled | None, *, spreads: bool) -> bool:
    """Say whether the command tells what the code that loads the model does not show.

    A device map that cannot spread a model over devices changes nothing for its training.
    """
    if filled is None:
        return False
    if MODEL_CONFIG in filled.classes:
        return True
    if not found.models.calls:
        return any(name.startswith("model") for name in filled.said)
    if loaded.unread is None:
        return False
    get = Settings(filled.said)
    stated = {"device_map"} if get.has("device_map") or not spreads else set()
    stated |= {"dtype", "torch_dtype"} if get.has("dtype") else set()
    if load_bits(get) is not None:
        stated |= {"quantization_config", "load_in_4bit", "load_in_8bit"}
    return loaded.unread <= stated


def _takes_peft_of_trl(filled: Filled | None) -> bool:
    """Say whether TRL makes the adapter's settings from flags (`get_peft_config`)."""
    return filled is not None and MODEL_CONFIG in filled.classes


def _computing(found: Sorted) -> ScriptRead:
    """Read a script that loads a model by transformers and, mostly, generates with it."""
    by_pipeline = not found.models.counted and bool(found.pipelines.counted)
    loaded = read_loading(found, as_loads(found.pipelines) if by_pipeline else found.models)
    get = Settings(loaded.settings)
    calls = found.pipelines if by_pipeline else found.generations
    said = {**found.configs.agreed(), **calls.agreed()}
    for kind in (found.configs, calls):
        found.note(kind, said, _SAMPLED)
    tokenizer = found.tokenizers.first("pretrained_model_name_or_path")
    fast = found.tokenizers.agreed().get("use_fast")
    bits = 4 if get.truth("load_in_4bit") else 8 if get.truth("load_in_8bit") else None
    flash = get.truth("use_flash_attention_2")
    model, known = get.text("model"), loaded.is_known
    if model is None and found.others.counted:
        named = found.others.first("model_name", "path_or_hf_repo")
        model = named if isinstance(named, str) else None
    context = said.get("max_length")
    return ScriptRead(
        intent=Intent(
            action=(Action.GENERATE if calls.counted else Action.LOAD) if known else None,
            engine="transformers" if known else None,
            model=model,
            revision=get.text("revision"),
            tokenizer=tokenizer if isinstance(tokenizer, str) and tokenizer != model else None,
            adapter=adapter_of(found.adapters.counted),
            dtype=get.text("dtype"),
            load_in_bits=bits,
            quantization="bitsandbytes" if bits else None,
            attention=get.text("attn_implementation") or ("flash_attention_2" if flash else None),
            device_map=get.text("device_map"),
            trust_remote_code=get.truth("trust_remote_code"),
            fast_tokenizer=fast if isinstance(fast, bool) else None,
            context=context if known and type(context) is int and context > 0 else None,
            sampling=sampling_of(said) if known else Sampling(),
            stop_ids=ids_of(said.get("eos_token_id")),
            arguments=tuple(found.uses()),
            unread=(*found.notes, *get.unread),
        ),
        engine="transformers" if known else None,
    )
