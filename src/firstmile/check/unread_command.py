"""Why a command is not read that no reader knows, and what would be."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from firstmile.check.command import Command, is_assignment
from firstmile.check.intent import Intent
from firstmile.errors import UserError, did_you_mean
from firstmile.findings import Finding, Outcome

KNOWN: Final = {
    "servers": "vllm sglang llama-server ollama lmdeploy text-generation-launcher transformers",
    "trainers": "trl llamafactory-cli axolotl torchrun accelerate deepspeed python",
    "what runs notebooks": "jupyter papermill",
    "what starts them": "bash docker srun sbatch sudo uv",
}
"""Programs whose commands are read, as a person knows them; there are more of the last kind."""
_LONGEST_SHOWN: Final = 200
_TELLING: Final = (
    "option-is-not-known-to-the-program",
    "data-set-is-not-in-the-list-of-llama-factory",
    "option-is-given-no-value-of-its-kind",
)
"""Checks that tell of words which are not understood."""


def left_unread(intent: Intent, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what of a command was not understood, without what a finding tells already."""
    told = {
        one.text.removesuffix(ending)
        for each in findings
        if each.source in _TELLING and each.outcome in (Outcome.FAIL, Outcome.WARN)
        for one in each.evidence
        for ending in (" in the command", " in its file of settings", "")
        if one.text.endswith(ending)
    }
    told |= {f"dataset {text.removeprefix('dataset: ')}" for text in told}
    return tuple(
        each
        for each in intent.unread
        if not any(each == one or each.startswith(f"{one} ") for one in told)
    )


def not_read(command: Command) -> UserError:
    """Return the error for a command of which nothing is known."""
    words = list(command.words)
    while len(words) > 1 and is_assignment(words[0]):
        words.pop(0)
    shown = words[0][:_LONGEST_SHOWN]
    if Path(shown).is_dir():
        return UserError(f"{shown} is a folder, no command: name a model before the --.")
    if shown.rpartition("/")[2].startswith("python"):
        return _python(shown, words[1:])
    hint = did_you_mean(shown, " ".join(KNOWN.values()).split(), alike=0.7)
    kinds = [f"{kind} ({', '.join(names.split())})" for kind, names in KNOWN.items()]
    return UserError(
        f"firstmile does not know the command {shown}{hint}: it reads "
        f"{', '.join(kinds[:-1])} and {kinds[-1]} and the like."
    )


def _python(name: str, words: list[str]) -> UserError:
    """Say of a Python without a script what of it is not read."""
    first = next((word for word in words if word in ("-c", "-m", "-")), None)
    if first == "-c":
        what = f"the code behind {name} -c is not read"
    elif first == "-m":
        module = next(iter(words[words.index("-m") + 1 :]), "")[:_LONGEST_SHOWN]
        what = f"the module {module or 'behind -m'} is not known, so that it is not read"
    else:
        what = f"{name} without a script is not read"
    return UserError(f"Of this command nothing can be judged, since {what}: name a script.")
