"""`firstmile check`: machine, model folder and intended command in; what will fail out."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer._click.core import Context
from typer.core import TyperCommand

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.text import WIDEST, bold, dim, terminal_width

if TYPE_CHECKING:
    from firstmile.check.intent import Intent
    from firstmile.facts.snapshot import Snapshot
    from firstmile.findings import Examination

COMMAND: Final = "command"
"""Under which the words after `--` stand in the context's `meta`."""
LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes of a file that a command names, such as a DeepSpeed JSON."""


class WithCommand(TyperCommand):
    """A command line of which all that stands after `--` is another command, whatever it says."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Keep the words after `--` apart, and read those before it."""
        place = args.index("--") if "--" in args else len(args)
        ctx.meta[COMMAND] = tuple(args[place + 1 :])
        return super().parse_args(ctx, args[:place])


class Format(StrEnum):
    """The formats of an examination."""

    TEXT = "text"


def check(
    context: typer.Context,
    model: Annotated[
        Path | None, typer.Argument(metavar="[MODEL] [-- COMMAND]", help="The model's folder.")
    ] = None,
    style: Annotated[Format, typer.Option("--format", help="How to tell it.")] = Format.TEXT,
    snapshots: Annotated[
        list[Path] | None,
        typer.Option(
            "--snapshot",
            help="Judge what firstmile facts MODEL --out wrote on another machine; further ones "
            "are machines that take part in the same run.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show also what is fine and what was skipped.")
    ] = False,
) -> None:
    """Say what will fail before it runs: firstmile check -- vllm serve ./model ...

    Exit status: 0 nothing will fail, 1 something will, 2 it could not be judged.
    """
    words: tuple[str, ...] = context.meta[COMMAND]
    if model is not None and not model.exists():
        raise UserError(
            f"{visible(str(model))} is not there: name a model's folder, and put -- before the "
            "command that you are about to run."
        )
    intent = intent_of(words)
    place = model or (Path(intent.model) if intent.model else None)
    found = examined(place, intent, snapshots=snapshots or ())
    _tell(found, everything)
    raise typer.Exit(found.exit_status)


def intent_of(words: Sequence[str]) -> "Intent":
    """Return what a command intends. Raises UserError for one that no reader knows."""
    from firstmile.check.command import Command, read_command
    from firstmile.check.intent import Intent

    if not words:
        return Intent()
    command = Command(words=tuple(words), variables=dict(os.environ), read_text=_text_of)
    intent = read_command(command)
    if intent is None:
        raise UserError(
            f"firstmile does not know how to read {visible(words[0])}: give the model's folder "
            "alone, or one of the commands that firstmile check --help names."
        )
    return intent


def _text_of(path: str) -> str | None:
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError:
        return None
    return None if len(data) > LARGEST_FILE else data.decode("utf-8", "replace")


def examined(
    place: Path | None, intent: "Intent", *, snapshots: Sequence[Path] = ()
) -> "Examination":
    """Read machine and folder, or snapshots, run all checks, and return what they found."""
    import firstmile
    from firstmile.check.running import judge_all
    from firstmile.check.unit import find_checks
    from firstmile.findings import Examination
    from firstmile.taxonomy import load_taxonomy

    began = time.perf_counter()
    at = datetime.now(UTC)
    snapshot = snapshot_of_files(snapshots) if snapshots else snapshot_of_here(place, at)
    findings = judge_all(find_checks(), snapshot, intent)
    return Examination(
        subject=intent.command or str(place or "this machine"),
        findings=findings,
        versions={"firstmile": firstmile.__version__, "codebook": load_taxonomy().version},
        started=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=time.perf_counter() - began,
    )


def snapshot_of_here(place: Path | None, at: datetime) -> "Snapshot":
    """Read this machine, and the model where it is on it."""
    from firstmile.facts.collecting import collect_environment
    from firstmile.facts.machine import Machine
    from firstmile.facts.model_folder.reading import read_model
    from firstmile.facts.snapshot import Snapshot

    environment = collect_environment(Machine(), at=at)
    model, base = read_model(place) if place is not None and place.exists() else (None, None)
    return Snapshot(environment=environment, model=model, base=base)


def snapshot_of_files(files: Sequence[Path]) -> "Snapshot":
    """Read what was written elsewhere: the first is judged, the others are further machines."""
    from firstmile.facts.saving import LARGEST, snapshot_from

    read = []
    for file in files:
        try:
            with file.open("rb") as opened:
                data = opened.read(LARGEST + 1)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UserError(f"{visible(str(file))} cannot be read: {reason}.") from error
        read.append(snapshot_from(data, name=visible(str(file))))
    others = [each.environment for each in read[1:] if each.environment is not None]
    return replace(read[0], others=(*read[0].others, *others))


def _tell(found: "Examination", everything: bool) -> None:
    from firstmile.rendering.examination import as_text
    from firstmile.taxonomy import Axis, load_taxonomy

    causes = load_taxonomy().of(Axis.CAUSE)
    labels = {term.code: term.label for term in causes if "/" not in term.code}
    width = min(WIDEST, terminal_width())
    text = as_text(found, labels=labels, width=width, all_of_it=everything, bold=bold, dim=dim)
    typer.echo(text, nl=False)
