"""The study's commands are listed in the order of the work, and say where pages are."""

import typer
from typer.testing import CliRunner

from firstmile.ui.study_order import WORKFLOW, in_order_of_work


def test_commands_are_listed_as_the_work_goes_and_others_last() -> None:
    app = typer.Typer(rich_markup_mode=None)

    def make(name: str) -> None:
        app.command(name)(lambda: None)

    for name in ("another", *reversed(list(WORKFLOW))):
        make(name)
    in_order_of_work(app)
    said = CliRunner().invoke(app, ["--help"]).output
    listed = [line.split()[0] for line in said.partition("Commands:")[2].strip().splitlines()]
    assert listed == [*WORKFLOW, "another"]
    assert "which `firstmile serve STUDY` opens" in " ".join(said.split())
