"""torchtune: `tune run RECIPE --config x.yaml key=value`, torchrun's options before the recipe.

A config that torchtune brings itself (`llama3_1/8B_lora`) is not looked into. Of one that is a file
the model, the data type, sizes of a step and the adapter are read; how it shards is not.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.command import Command, Reading, joined
from firstmile.check.commands import torchrun
from firstmile.check.flags import Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, Lora, NamedFile, Training
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import no_command, shown
from firstmile.check.written_files import fields_of, yaml_of
from firstmile.errors import did_you_mean
from firstmile.facts.machine import UnreadableError

ENGINE: Final = "torchtune"
_COMMANDS: Final = ("run", "download", "ls", "cp", "validate", "cat")
_ENDINGS: Final = (".yaml", ".yml")
_TYPES: Final = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
_DEEPEST: Final = 8
_FLAGS: Final = flags(Takes.TEXT, "--config")


def reads(command: Command) -> bool:
    """Tell the program where it is given one of its commands."""
    return command.program == "tune" and command.words[1:2] != () and _is_torchtunes(command)


def _is_torchtunes(command: Command) -> bool:
    return command.words[1] in _COMMANDS or bool(did_you_mean(command.words[1], ("run",)))


def read(command: Command) -> Intent:
    """Read torchrun's options, the config, and the settings over it."""
    name, *words = command.arguments.words
    if name != "run":
        meant = ("run",) if name not in _COMMANDS else ()
        what = no_command("tune", name, meant, why="it is not read")
        return Intent(engine=ENGINE, unread=(what,))
    before = take_apart(words, torchrun.FLAGS, Grammar(first_word_ends=True))
    launched = words[: len(words) - len(before.rest)]
    outer = torchrun.read(command.starting(("torchrun", *launched))) if launched else Intent()
    recipe = before.rest[0] if before.rest else ""
    said = take_apart(before.rest[1:], _FLAGS, Grammar())
    files: tuple[NamedFile, ...] = command.file(recipe) if recipe.endswith(".py") else ()
    unread = list(said.unread)
    values: dict[str, Any] = {}
    path = said.values.get("config")
    is_file = isinstance(path, str) and path.endswith(_ENDINGS)
    if isinstance(path, str) and is_file:
        files = (*files, *command.file(path))
        try:
            values = fields_of(path, command.read_text, yaml=True)
        except UnreadableError as error:
            unread.append(shown(f"--config {path} ({error})"))
    elif path is not None:
        unread.append(shown(f"--config {path} (torchtune's own, which is not looked into)"))
    unread += _lay_over(values, said.positional)
    inner = _intent(values, recipe) if is_file and values else Intent()
    inner = joined(Intent(engine=ENGINE, files=files, arguments=said.arguments), inner)
    return joined(outer, joined(Intent(unread=tuple(unread)), inner))


def _lay_over(values: dict[str, Any], words: Sequence[str]) -> Iterator[str]:
    """Lay `optimizer.lr=1e-5` over a config (`~key` leaves one out), and yield what is neither."""
    for word in words:
        name, equals, text = word.partition("=")
        path = name.lstrip("~").split(".")
        if not (equals or word.startswith("~")) or len(path) > _DEEPEST or not all(path):
            yield shown(word)
            continue
        tree = values
        for step in path[:-1]:
            inner = tree.get(step)
            inner = dict(inner) if isinstance(inner, dict) else {}
            tree[step] = inner
            tree = inner
        if not equals:
            tree.pop(path[-1], None)
            continue
        try:
            tree[path[-1]] = yaml_of(text)
        except UnreadableError:
            tree[path[-1]] = text


def _intent(values: dict[str, Any], recipe: str) -> Intent:
    filled = _filled(values, values)
    get = Settings(filled)
    parts = {
        name: Settings(get.tree(name) or {})
        for name in ("model", "tokenizer", "checkpointer", "optimizer")
    }
    component = str((get.tree("model") or {}).get("_component_", ""))
    kind = "qlora" if "qlora" in component else "lora" if "lora" in component else "full"
    trains = "finetune" in recipe or "dpo" in recipe or "optimizer" in filled
    model = parts["model"]
    dtype = get.text("dtype")
    return Intent(
        action=Action.FINE_TUNE if trains else Action.GENERATE,
        engine=ENGINE,
        model=parts["checkpointer"].text("checkpoint_dir"),
        dtype=_TYPES.get(dtype or "", dtype),
        load_in_bits=4 if kind == "qlora" else None,
        training=Training(
            method=kind,
            per_device_batch_size=get.whole("batch_size"),
            gradient_accumulation_steps=get.whole("gradient_accumulation_steps"),
            learning_rate=parts["optimizer"].number("lr"),
            weight_decay=parts["optimizer"].number("weight_decay"),
            epochs=get.number("epochs"),
            max_length=parts["tokenizer"].whole("max_seq_len"),
            lora=Lora(
                rank=model.whole("lora_rank"),
                alpha=model.number("lora_alpha"),
                dropout=model.number("lora_dropout"),
            )
            if kind != "full"
            else None,
            output_folder=get.text("output_dir"),
        )
        if trains
        else None,
        unread=tuple(get.unread),
    )


def _filled(value: Any, whole: dict[str, Any]) -> Any:
    """Return a tree with `${output_dir}` in its texts put in, as OmegaConf does."""
    if isinstance(value, str):
        return re.sub(
            r"\$\{(\w{1,80})\}",
            lambda found: str(whole.get(found[1])) if found[1] in whole else found[0],
            value,
        )
    if isinstance(value, dict):
        return {key: _filled(each, whole) for key, each in value.items()}
    return [_filled(each, whole) for each in value] if isinstance(value, list) else value


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    config = (
        "output_dir: out\nmodel:\n  _component_: torchtune.models.llama3_1.lora_llama3_1_8b\n"
        "  lora_rank: 8\n  lora_alpha: 16\ncheckpointer:\n"
        "  _component_: torchtune.training.FullModelHFCheckpointer\n"
        "  checkpoint_dir: ./m\n  output_dir: ${output_dir}\ntokenizer: {max_seq_len: 4096}\n"
        "optimizer: {_component_: torch.optim.AdamW, lr: 3e-4}\nbatch_size: 2\ndtype: bf16\n"
    )
    yield Reading(
        command="tune run --nproc_per_node 4 lora_finetune_distributed --config my.yaml "
        "batch_size=1 optimizer.lr=1e-4",
        files={"my.yaml": config},
        expects={
            "action": Action.FINE_TUNE,
            "engine": "torchtune",
            "model": "./m",
            "dtype": "bfloat16",
            "parallel.processes": 4,
            "training.method": "lora",
            "training.lora.rank": 8,
            "training.per_device_batch_size": 1,
            "training.learning_rate": 1e-4,
            "training.max_length": 4096,
            "training.output_folder": "out",
            "unread": (),
        },
    )
    yield Reading(
        command="tune run full_finetune_single_device --config llama3_1/8B_full_single_device",
        expects={
            "engine": "torchtune",
            "training": None,
            "unread": (
                "--config llama3_1/8B_full_single_device (torchtune's own, which is not looked "
                "into)",
            ),
        },
    )
    yield Reading(
        command="tune download meta-llama/Llama-3.1-8B",
        expects={"unread": ("tune download (it is not read)",)},
    )
