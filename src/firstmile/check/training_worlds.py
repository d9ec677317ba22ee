"""Intents of fine-tuning for the examples of checks."""

from typing import Any, Final

from firstmile.check.intent import Action, Argument, Intent, Lora, Parallel, Training

_OF_TRAINING: Final = frozenset(Training.__struct_fields__)


def tuning(**said: Any) -> Intent:
    """Return an intent that fine-tunes; names are those of Training, or else of Intent.

    `processes` and `nodes` go to its parallel part, `flags` are arguments by their names. Of a
    `command` what it starts is read.
    """
    said |= started_by(said.pop("command")) if said.get("command") is not None else {}
    training = {name: said.pop(name) for name in list(said) if name in _OF_TRAINING}
    parallel = {name: said.pop(name) for name in ("processes", "nodes") if name in said}
    written = said.pop("flags", {})
    said.setdefault("engine", "transformers")
    return Intent(
        action=Action.FINE_TUNE,
        training=Training(**training),
        parallel=Parallel(**parallel),
        arguments=tuple(
            Argument(written=f"--{name}", name=name, value=None if value is None else str(value))
            for name, value in written.items()
        ),
        **said,
    )


def started_by(command: str) -> dict[str, Any]:
    """Return the fields of an intent that say what a command starts."""
    from firstmile.check.command import Command, parted, read_command

    read = read_command(Command(words=tuple(parted(command)))) or Intent(command=command)
    names = ("command", "launcher", "program", "script", "script_arguments")
    return {name: getattr(read, name) for name in names}


def adapter(*targets: str, rank: int | None = 16, **said: Any) -> dict[str, Any]:
    """Return the settings of a training of an adapter, for `tuning`."""
    lora = Lora(rank=rank, target_modules=targets, **said)
    return {"method": "lora", "lora": lora}
