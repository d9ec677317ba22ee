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
    style: Annotated[
        Format, typer.Option("--format", help="Plain text, JSON that is read back, or Markdown.")
    ] = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this file instead of printing it.")
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(help="Read the packages of this Python (or environment), not of our own."),
    ] = None,
) -> None:
    """Tell what of this machine matters: system, limits, GPUs, Python packages, variables.

    Secrets, hosts and personal names are taken out. Nothing is sent anywhere, and no package
    is imported. What could not be read is listed with the reason.
    """
    from firstmile.facts.collecting import collect_environment
    from firstmile.facts.listing import listed
    from firstmile.facts.machine import Machine
    from firstmile.facts.saving import environment_text
    from firstmile.rendering.files import write_whole

    if python is not None and not python.exists():
        raise UserError(f"{python} is not there: name a Python or the folder of an environment.")
    environment = collect_environment(Machine(), at=datetime.now(UTC), python=python)
    if style is Format.JSON:
        text = environment_text(environment)
    elif style is Format.MARKDOWN:
        text = as_markdown(listed(environment))
    else:
        text = as_text(listed(environment), heading=visible if out else bold)
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
