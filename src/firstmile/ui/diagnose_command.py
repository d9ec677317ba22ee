"""`firstmile diagnose`: a log, a traceback or an issue in; cause, proof and fix out."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.latest import keep_latest, read_latest
from firstmile.ui.text import WIDEST, bold, dim, terminal_width

if TYPE_CHECKING:
    from firstmile.diagnose.judging import Diagnoser
    from firstmile.diagnose.reading import Line

ABSTAINED: Final = 2
"""The exit status where no answer is given: it could not be judged."""
SCHEMA_VERSION: Final = "1"
MODEL: Final = "FIRSTMILE_LLM_MODEL"
"""The environment variable with the model's name."""


class Format(StrEnum):
    """The formats of a diagnosis."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    JSONL = "jsonl"


def diagnose(
    source: Annotated[
        str | None,
        typer.Argument(metavar="[FILE|-|URL]", help="A log, a folder of rank logs, - or an issue."),
    ] = None,
    style: Annotated[
        Format, typer.Option("--format", help="How to tell it; jsonl is for --batch.")
    ] = Format.TEXT,
    last: Annotated[bool, typer.Option("--last", help="Show the latest diagnosis again.")] = False,
    batch: Annotated[
        Path | None,
        typer.Option(help="A file of lines {'id': ..., 'text': ...}: one answer a line."),
    ] = None,
    knowledge: Annotated[
        Path | None, typer.Option(help="A folder of entries of your own, used as well.")
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="An OpenAI-compatible endpoint that ranks the hypotheses as well; it is sent "
            "redacted lines. Its key: FIRSTMILE_LLM_KEY.",
        ),
    ] = None,
    llm_model: Annotated[
        str | None,
        typer.Option(metavar="NAME", envvar=MODEL, help="The model to ask at --llm."),
    ] = None,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Print what --llm would be asked, and send nothing.")
    ] = False,
) -> None:
    """Say what failed and why, with the lines that prove it, and what to do.

    Offline, unless an address or --llm is given. Exit status: 0 answered, 2 no answer.
    """
    if (llm or prompt) and (last or batch is not None):
        raise UserError("--llm and --prompt are for a single input: leave --last and --batch out.")
    if llm and not llm_model:
        raise UserError(f"--llm needs --llm-model NAME (or {MODEL} in the environment).")
    if batch is not None:
        if source is not None or last:
            raise UserError("--batch reads its file alone: leave the other input out.")
        if style not in (Format.TEXT, Format.JSONL):
            raise UserError(
                f"--batch answers in lines of JSON: take jsonl in place of {style.value}."
            )
        _answer_batch(batch, knowledge)
        return
    if style is Format.JSONL:
        raise UserError("jsonl is a line for each text of a --batch: take json for a single one.")
    if last:
        if source is not None:
            raise UserError("--last shows the latest diagnosis: leave the input out.")
        _tell(read_latest(), style)
        return
    lines = _lines_of(source)
    if prompt:
        from firstmile.ui.model_opinion import prompt_text

        typer.echo(prompt_text(lines, diagnoser(knowledge).diagnose(lines)))
        return
    data = _diagnosis(lines, knowledge, llm=llm, model=llm_model or "")
    keep_latest(data, source=_named(source))
    _tell(data, style)
    if data["abstained"]:
        raise typer.Exit(ABSTAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The diagnosis of a text as text; where there is no answer it is empty, and why is told.

    `ranks` says whether the likeliest is named all the same.
    """

    text: str
    reason: str = ""
    ranks: bool = False


def explain_text(text: str, *, source: str = "a text") -> Explained:
    """Diagnose a text, and keep that as the latest diagnosis, whether it is an answer or none."""
    from firstmile.diagnose.reading import read_lines
    from firstmile.rendering.diagnosis import as_text

    data = _diagnosis(tuple(read_lines(text)), None)
    keep_latest(data, source=source)
    if data["abstained"]:
        return Explained(
            text="", reason=data["abstained_because"], ranks=not data["nothing_failed"]
        )
    return Explained(text=as_text(data, width=min(WIDEST, terminal_width())))


def _diagnosis(
    lines: "Sequence[Line]", knowledge: Path | None, *, llm: str | None = None, model: str = ""
) -> dict[str, Any]:
    from firstmile.diagnose.hypotheses import plain

    found = diagnoser(knowledge).diagnose(lines)
    if llm is None:
        return stated() | plain(found)
    from firstmile.ui.model_opinion import with_opinion

    ranked, opinion = with_opinion(found, lines, address=llm, model=model)
    return stated() | plain(ranked) | {"reranked": opinion}


def stated() -> dict[str, Any]:
    """Return what every answer says of itself."""
    import firstmile
    from firstmile.taxonomy import load_taxonomy

    return {
        "schema_version": SCHEMA_VERSION,
        "versions": {"firstmile": firstmile.__version__, "codebook": load_taxonomy().version},
    }


def diagnoser(knowledge: Path | None, *, in_bulk: bool = False) -> "Diagnoser":
    """Return the packaged diagnoser, or one that also knows the entries of a folder."""
    from firstmile.diagnose.judging import diagnoser_with, packaged

    if knowledge is None:
        return packaged(in_bulk=in_bulk)
    return diagnoser_with(knowledge, in_bulk=in_bulk)


def _lines_of(source: str | None) -> "tuple[Line, ...]":
    from firstmile.ui.input_text import read_source, read_standard_input

    if source is None and sys.stdin is not None and sys.stdin.isatty():
        raise UserError(
            "There is nothing to diagnose: name a log, or pipe one in (firstmile diagnose run.log)."
        )
    return read_standard_input() if source in (None, "-") else read_source(str(source))


def _named(source: str | None) -> str:
    return "standard input" if source in (None, "-") else str(source)


def _tell(data: dict[str, Any], style: Format) -> None:
    from firstmile.rendering.diagnosis import as_markdown, as_page, as_text

    if style is Format.JSON:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif style is Format.MARKDOWN:
        typer.echo(as_markdown(data), nl=False)
    elif style is Format.HTML:
        typer.echo(as_page(data, title="Diagnosis"), nl=False)
    else:
        width = min(WIDEST, terminal_width())
        typer.echo(as_text(data, width=width, bold=bold, dim=dim), nl=False)


def _answer_batch(batch: Path, knowledge: Path | None) -> None:
    from firstmile.ui.batch import answers

    try:
        with batch.open("rb") as lines:
            for answer in answers(lines, knowledge):
                typer.echo(answer)
    except OSError as error:
        if error.filename is None:
            raise
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{visible(str(batch))} cannot be read: {reason}.") from error
