"""What the search for a change answers: a changed command, or that none was found that works."""

from collections.abc import Sequence

import msgspec

from firstmile.check.changing.flags import CONTEXT_OF_OLLAMA, Edit
from firstmile.check.changing.knobs import Bench, Level
from firstmile.check.changing.losses import WORDS
from firstmile.check.command import parted
from firstmile.check.intent import Action
from firstmile.check.memory import Sizing
from firstmile.check.unknown_words import shown
from firstmile.check.ways_of_saying import as_said, owner_of


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A changed command that fits: why the first did not, what is lost, what it then takes.

    `steps` are the changes in words, the gravest first; `edits` the flags that were set, and
    `settings` what of the command is new by them. `still_fails` are the checks that fail all the
    same, since no flag of these puts them right, `still_warns` those that warn.
    """

    command: str
    words: tuple[str, ...]
    because: str
    steps: tuple[str, ...]
    loses: tuple[str, ...]
    edits: tuple[Edit, ...]
    settings: tuple[str, ...]
    memory: Sizing
    still_fails: tuple[str, ...] = ()
    still_warns: tuple[str, ...] = ()


class NothingWorks(msgspec.Struct, frozen=True, kw_only=True):
    """No change of the command was found that fits: why, and what hardware would.

    With `steps` a change was found that the command's words cannot say, since its settings stand
    in a file; `hardware` then says what to set there, and the last two are those of a change.
    """

    because: str
    hardware: str
    memory: Sizing
    steps: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    still_fails: tuple[str, ...] = ()
    still_warns: tuple[str, ...] = ()


def in_its_file(bench: Bench, levels: Sequence[Level], wrong: str) -> NothingWorks:
    """Return a change that is to be made in the file from which the settings come."""
    ordered = sorted(levels, key=lambda level: -level.loss)
    losses = sorted({level.loss for level in levels}, reverse=True)
    return NothingWorks(
        because=wrong,
        hardware=_to_set(bench, [edit for level in levels for edit in level.edits]),
        memory=bench.sizing,
        steps=tuple(level.words for level in ordered),
        loses=tuple(WORDS[loss] for loss in losses),
    )


def _to_set(bench: Bench, edits: Sequence[Edit]) -> str:
    """Say what is to be set where the command's words cannot say it."""
    if bench.engine == "ollama":
        value = edits[0].value
        if bench.intent.action is Action.CONVERT:
            return f"Set in the Modelfile: PARAMETER num_ctx {value}."
        return f"Set where Ollama's server is started: {CONTEXT_OF_OLLAMA}={value}."
    said = ", ".join(
        each.flag if each.value is None else f"{each.flag} {each.value}" for each in edits
    )
    scripts = [each for each in parted(bench.intent.command or "") if each.endswith(".py")]
    if bench.engine == "vllm" and bench.intent.launcher == "python" and scripts:
        return f"Set in {shown(scripts[0])}: {', '.join(map(_argument, edits))}."
    if owner_of(bench.intent) is not None:
        return as_said(f"Set {said}.", bench.intent)
    return f"Set in the file that the command reads: {said}."


def _argument(edit: Edit) -> str:
    """Return a flag as an argument of vLLM's LLM, which has the same names."""
    name, value = edit.flag.lstrip("-").replace("-", "_"), edit.value
    if value is None:
        return f"{name}=True"
    is_number = value.replace(".", "", 1).isdecimal()
    return f"{name}={value}" if is_number else f'{name}="{value}"'
