"""`firstmile serve`: the pages of a study, for all of its raters at once."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.needed import is_installed, require

PORT: Final = 8705
"""Where the pages are unless another port is named."""


def serve(
    study: Annotated[Path, typer.Argument(help="The study's folder.")] = Path(),
    port: Annotated[int, typer.Option(help="The port on this machine; 0 takes a free one.")] = PORT,
    origin: Annotated[
        str | None,
        typer.Option(
            "--reverse-proxy-origin",
            help="The address under which a reverse proxy on this machine serves the pages, such "
            "as https://label.example.org.",
        ),
    ] = None,
) -> None:
    """Serve the pages: screen, verify, label and adjudicate, and look through the issues.

    Only this machine can reach them. Every rater gets a link with a token of their own.
    """
    require("serve")
    from firstmile.study.codebook_use import note_use
    from firstmile.study.decisions import Step
    from firstmile.study.folder import StudyFolder, StudyInUseError
    from firstmile.study.overview import FROZEN
    from firstmile.study.suggesting import Suggestions
    from firstmile.study.wrong_folder import refuse_no_study
    from firstmile.ui.web.reordering import Reordering
    from firstmile.ui.web.serving import bind, links, make_doors, make_server
    from firstmile.ui.web.site import Site
    from firstmile.ui.web.standing import refresh_index

    refuse_no_study(study)
    folder = StudyFolder.open(study)
    if not folder.design.people():
        raise UserError(
            f"{visible(str(study))} has no raters: add [[raters]] with a name to its study.toml."
        )

    def say(line: str) -> None:
        typer.echo(line, err=True)

    # While another process collects, the pages show what was stored before it began.
    with contextlib.suppress(StudyInUseError), folder.lock():
        folder.store.refresh(folder.archive, say=say)
    with contextlib.ExitStack() as held:
        listening = held.enter_context(bind(port))
        number = listening.getsockname()[1]
        site = held.enter_context(contextlib.closing(Site(folder)))
        if folder.design.label.suggestions:
            require("screen")
            site.suggest = Suggestions(folder, site.decisions)
        note_use(folder, site.decisions, at=datetime.now(UTC))
        refresh_index(site, say)
        doors = make_doors(site, number, origin)
        base = (origin or f"http://127.0.0.1:{number}").rstrip("/")

        def ready() -> None:
            typer.echo(f"The study {visible(folder.design.study.name)}, one private link a rater:")
            typer.echo()
            for name, link in links(site, base):
                typer.echo(f"  {name}  {link}")
            typer.echo()
            typer.echo(
                "Open yours in a browser. Whoever has a link decides as that rater. Ctrl-C ends it."
            )

        if is_installed("screen") and not site.decisions.events(FROZEN):
            held.enter_context(
                Reordering(folder.path, lambda: len(site.decisions.history(step=Step.SCREEN)))
            )
        try:
            make_server(site, doors, ready=ready).run([listening])
        except KeyboardInterrupt:
            typer.echo("Stopped; every acknowledged decision is on the disk.")
