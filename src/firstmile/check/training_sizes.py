"""What checks of fine-tuning ask again and again: settings, processes, batches, ZeRO and FSDP."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import msgspec

from firstmile.check.command import program_of
from firstmile.check.installed import package_of
from firstmile.check.intent import Intent, Training
from firstmile.check.ranks import count_of_visible
from firstmile.check.releases import release_of
from firstmile.check.settings import Settings
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, seen
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence

TRAINERS: Final = frozenset(("transformers", "trl", "llama-factory", "axolotl"))
"""Engines that train by the Trainer of transformers."""
MICRO_BATCH: Final = 8
"""`per_device_train_batch_size` where nothing is said (TrainingArguments)."""
UNREAD_TRAINING: Final = "training that is not all read"
"""Name of an argument that says of a script that it trains, by settings that are no literals."""
_PROMPT: Final = 512
"""Tokens of a prompt where nothing is said (GRPOConfig up to TRL 0.25; later ones cut none)."""
_ANSWER: Final = 256
"""Tokens of an answer where nothing is said (GRPOConfig)."""
_TRAINERS: Final = re.compile(r"([A-Z]\w{0,40}?)(?:Trainer|Config)(?:\.|$)")
_KINDS: Final = ("sft", "dpo", "grpo", "kto", "orpo", "rloo", "cpo", "reward")


def training_in(intent: Intent) -> Training | Verdict:
    """Return the training of an intent, or a verdict that nothing is trained."""
    if not intent.trains or intent.training is None:
        return does_not_apply("nothing is trained")
    return intent.training


def trains_unread(intent: Intent) -> bool:
    """Say whether a script trains by settings that are not all known: nothing of it is sized."""
    return any(one.name == UNREAD_TRAINING for one in intent.arguments)


def settings_of(intent: Intent) -> Settings:
    """Return all settings by transformers' names: those of files, and flags over them."""
    values: dict[str, Any] = dict(intent.training.settings) if intent.training else {}
    for each in intent.arguments:
        if each.value is not None:
            values.setdefault(each.name, each.value)
        else:
            denied = each.written.startswith(("--no-", "--no_"))
            values.setdefault(each.name, "false" if denied else "true")
    return Settings(values)


def hidden_settings(intent: Intent) -> Verdict | None:
    """Return a verdict that skips where a file of settings is named whose words are not known."""
    if intent.training is None:
        return None
    words = intent.script_arguments
    files = [word for word in words if word.endswith((".yaml", ".yml"))]
    files += [word for flag, word in pairwise(words) if flag == "--config" and word not in files]
    unread = any(each.startswith(f"{file} (") for file in files for each in intent.unread)
    if unread or (files and not intent.training.settings):
        return not_known("the settings of the file that the command names")
    return None


def kind_of(intent: Intent) -> str | None:
    """Return what TRL trains: "sft", "dpo", ...

    The class that a script makes tells, and else the command's or the script's name.
    """
    stage = settings_of(intent).text("stage", "rl")
    if stage is not None and intent.engine in ("llama-factory", "axolotl"):
        return stage if stage in _KINDS else None
    made = {
        found[1].lower() for each in intent.arguments if (found := _TRAINERS.match(each.name))
    } & {*_KINDS}
    if len(made) == 1:
        return made.pop()
    word = intent.script
    if intent.program == "trl" and intent.script_arguments:
        word = intent.script_arguments[0]
    name = program_of(word or "").lower().removesuffix(".py").rpartition(".")[2]
    parts = name.replace("-", "_").split("_")
    return next((kind for kind in _KINDS if kind in parts), None)


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a sample whose answer the model writes while it is trained.

    `said` tells whether the length of the answer was, `prompt_said` that of the prompt.
    """

    prompt: int
    answer: int
    said: bool
    prompt_said: bool

    @property
    def tokens(self) -> int:
        """Prompt and answer together, which go through the model as one."""
        return self.prompt + self.answer


def generated_by(intent: Intent) -> Generated | None:
    """Return the lengths of a training by the model's own answers; None where it is another.

    GRPOConfig and RLOOConfig of TRL have no max_length. They cut answers at
    max_completion_length, and prompts at max_prompt_length, up to 0.25 alone.
    """
    if intent.engine != "trl" or kind_of(intent) not in ("grpo", "rloo"):
        return None
    get = settings_of(intent)
    prompt, answer = get.whole("max_prompt_length"), get.whole("max_completion_length")
    return Generated(
        prompt=prompt if prompt and prompt > 0 else _PROMPT,
        answer=answer if answer and answer > 0 else _ANSWER,
        said=bool(answer),
        prompt_said=bool(prompt),
    )


def processes_of(snapshot: Snapshot, intent: Intent) -> int | None:
    """Return the world size; None where it is not known.

    `accelerate launch`, `deepspeed` and the programs that start themselves take all visible
    GPUs where no number is said; `torchrun` takes one process, and a script by itself is one.
    """
    nodes = intent.parallel.nodes or 1
    if intent.parallel.processes is not None:
        return intent.parallel.processes * nodes
    if intent.launcher == "python":
        return 1
    if intent.launcher == "torchrun":
        said = settings_of(intent).text("nproc_per_node")
        if said not in ("gpu", "auto"):
            return None if said is not None else nodes
    elif intent.launcher is None:
        return None
    gpus = count_of_visible(snapshot, intent)
    return None if gpus is None else max(gpus, 1) * nodes


def processes_here(snapshot: Snapshot, intent: Intent) -> int:
    """Return the processes that one machine starts, one where it is not known."""
    return max((processes_of(snapshot, intent) or 1) // max(intent.parallel.nodes or 1, 1), 1)


def distributed(snapshot: Snapshot, intent: Intent) -> bool | None:
    """Say whether several processes train; None where it is not known."""
    count = processes_of(snapshot, intent)
    return None if count is None else count > 1


def zero_of(training: Training) -> Mapping[str, Any]:
    """Return the ZeRO part of the DeepSpeed JSON, empty where there is none."""
    part = (training.deepspeed or {}).get("zero_optimization")
    return part if isinstance(part, Mapping) else {}


def zero_stage(training: Training) -> int:
    """Return ZeRO's stage, 0 where nothing is said."""
    stage = zero_of(training).get("stage")
    return stage if isinstance(stage, int) and not isinstance(stage, bool) else 0


def fsdp_value(training: Training, *names: str) -> Any:
    """Return a setting of FSDP by its name, with or without the prefix `fsdp_`."""
    for name in names:
        for key in (f"fsdp_{name}", name):
            if training.fsdp is not None and training.fsdp.get(key) is not None:
                return training.fsdp[key]
    return None


def truth_of(value: Any) -> bool | None:
    """Return a truth value that may be written as a text."""
    return Settings({"value": value}).truth("value")


def fsdp_version(snapshot: Snapshot, training: Training) -> int | None:
    """Return FSDP's version; None where it is not known.

    accelerate takes 1 where nothing is said (its launcher), TrainingArguments 1 as well up to
    transformers 4.
    """
    said = Settings({"version": fsdp_value(training, "version")}).whole("version")
    if said is not None:
        return said
    if training.fsdp is not None and any(name.startswith("fsdp_") for name in training.fsdp):
        return 1
    release = release_here(snapshot, "transformers")
    return 1 if release is not None and release < (5,) else None


def release_here(snapshot: Snapshot, package: str, parts: int = 2) -> tuple[int, ...] | None:
    """Return the first numbers of an installed package's version, None where it is not known."""
    found = package_of(snapshot, package)
    return None if found is None else release_of(found.version, parts)


def said_of(intent: Intent) -> tuple[Evidence, ...]:
    """Quote the program of a command."""
    return () if intent.launcher is None else (seen(f"started by {intent.launcher}"),)
