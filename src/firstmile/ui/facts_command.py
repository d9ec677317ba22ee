"""`firstmile facts`: what of this machine matters to runs of models, redacted."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.text import bold

if TYPE_CHECKING:
    from firstmile.facts.listing import Listed


class Format(StrEnum):
    """The formats in which facts are told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def facts(
    model: Annotated[
        Path | None, typer.Argument(help="A model's folder or file to read as well.")
    ] = None,
    style: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="Plain text, JSON that firstmile check --snapshot judges (also where --out ends "
            "in .json), or Markdown (in .md).",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this file instead of printing it.")
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(help="Read the packages of this Python (or environment), not of our own."),
    ] = None,
) -> None:
    """Tell what of this machine, and of a model, matters: system, GPUs, packages, files.

    Secrets, hosts and personal names are taken out. Nothing is sent anywhere, and no package
    is imported. What could not be read is listed with the reason.
    """
    from firstmile.facts.collecting import collect_environment
    from firstmile.facts.listing import listed
    from firstmile.facts.machine import Machine
    from firstmile.facts.model_folder.listing import listed_model
    from firstmile.facts.model_folder.reading import read_model
    from firstmile.facts.saving import snapshot_text
    from firstmile.facts.snapshot import Snapshot
    from firstmile.rendering.files import write_whole

    if python is not None and not python.exists():
        raise UserError(f"{python} is not there: name a Python or the folder of an environment.")
    if model is not None and not model.exists():
        raise UserError(f"{visible(str(model))} is not there: name a model's folder.")
    if style is None:
        ending = out.suffix.lower() if out is not None else ""
        style = {".json": Format.JSON, ".md": Format.MARKDOWN}.get(ending, Format.TEXT)
    environment = collect_environment(Machine(), at=datetime.now(UTC), python=python)
    read, base = read_model(model) if model is not None else (None, None)
    if style is Format.JSON:
        text = snapshot_text(Snapshot(environment=environment, model=read, base=base))
    else:
        told = (*listed(environment), *(listed_model(read) if read is not None else ()))
        is_plain = style is Format.TEXT
        text = as_text(told, heading=visible if out else bold) if is_plain else as_markdown(told)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_whole(out, text)
        typer.echo(f"Written to {visible(str(out))}.")


def as_text(parts: "tuple[Listed, ...]", *, heading: Callable[[str], str]) -> str:
    """Return the facts as aligned lines under headings."""
    lines = []
    for title, pairs in parts:
        width = max(len(visible(name)) for name, _ in pairs)
        lines += ["", heading(title)]
        lines += [f"  {visible(name):<{width}}  {visible(value)}" for name, value in pairs]
    return "\n".join(lines[1:]) + "\n"


def as_markdown(parts: "tuple[Listed, ...]") -> str:
    """Return the facts as headings with blocks of code, in which nothing that was read acts."""
    from firstmile.run.reporting import fenced

    lines = []
    for title, pairs in parts:
        block = fenced("\n".join(f"{name}: {value}" for name, value in pairs))
        lines += [f"### {title}", "", *block, ""]
    return "\n".join(lines)
