"""How a remedy names a setting of a training: as the flag, the script's argument or a file's line.

Checks write `--bf16 False`. A script that takes no flags is told `bf16=False`, and a command whose
settings stand in a file of YAML `bf16: false`.
"""

import re
from typing import Final

from firstmile.check.flags import is_flag
from firstmile.check.installed import installed_release
from firstmile.check.intent import Intent
from firstmile.facts.snapshot import Snapshot

_RENAMED: Final = (4, 41)
"""transformers that made evaluation_strategy eval_strategy; 4.51 dropped the older name."""
_IN_FILES: Final = ("llama-factory", "axolotl")
"""Engines whose settings stand in a file."""
_OF_AXOLOTL: Final = {
    "per_device_train_batch_size": "micro_batch_size",
    "num_train_epochs": "num_epochs",
    "optim": "optimizer",
    "lr_scheduler_type": "lr_scheduler",
}
"""Settings of TrainingArguments that axolotl's file has under another name."""
_OWNER: Final = re.compile(r"\w{0,80}(?:TrainingArguments|Config)")
_BY_HAND: Final = frozenset(
    ("and", "else", "for", "from", "if", "in", "instead", "of", "on", "or", "out", "to", "with")
)
"""Words behind a flag that are no value of it."""
_FLAG: Final = re.compile(
    r"--([a-z][a-z0-9_]{1,60})"
    r"(?:[ =](True|False|None|-?[0-9][0-9.e-]*(?<![.-])|'[^']{0,200}'|[a-z][a-z0-9_]{0,60}))?"
    r"(?= (--))?"
)


def as_said(remedy: str, intent: Intent, snapshot: Snapshot | None = None) -> str:
    """Return a remedy with its flags as whoever gave the command says them.

    An argument has its older name only where that is written and the installed library may have it.
    """
    if not intent.trains or "--" not in remedy:
        return remedy
    owner = owner_of(intent)
    is_file = intent.engine in _IN_FILES and not intent.arguments
    if owner is None and not is_file:
        return remedy
    from firstmile.check.flag_tables.training import TRAINING_ARGUMENTS

    names = {name[2:] for flag in TRAINING_ARGUMENTS for name in flag.names}
    written = {each.name for each in intent.arguments}
    release = None if snapshot is None else installed_release(snapshot, "transformers")
    is_older = release is None or release < _RENAMED
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        name, value, more = found.groups()
        if name not in names:
            return found[0]
        count += 1
        if name == "eval_strategy" and f"{owner}.evaluation_strategy" in written and is_older:
            name = "evaluation_strategy"
        name = name_in(intent, name)
        if value in _BY_HAND:
            return f"{name} {value}"
        said = name if value is None else _pair(name, value, is_file=owner is None)
        return f"{said}{',' if more else ''}"

    text = _FLAG.sub(put, remedy)
    if not count or owner is None:
        return text
    end = "." if text.endswith(".") else ""
    return f"{text.removesuffix('.')} (in {owner}){end}"


def name_in(intent: Intent, name: str) -> str:
    """Return the name that a setting of TrainingArguments has in the file of its program."""
    return _OF_AXOLOTL.get(name, name) if intent.engine == "axolotl" else name


def owner_of(intent: Intent) -> str | None:
    """Return the class that a script without flags of its own gives its settings to."""
    if any(is_flag(each) for each in intent.script_arguments):
        return None
    owners = (each.name.rpartition(".")[0] for each in intent.arguments)
    found = [each for each in owners if _OWNER.fullmatch(each) and each != "LoraConfig"]
    return next(iter(found), None)


def _pair(name: str, value: str, *, is_file: bool) -> str:
    is_word = value[0].isalpha() and value not in ("True", "False", "None")
    if is_file:
        plain = {"True": "true", "False": "false", "None": "null"}
        return f"{name}: {plain.get(value, value)}"
    bare = value.strip("'").replace("true", "True").replace("false", "False")
    return f'{name}="{value}"' if is_word else f"{name}={bare}"
