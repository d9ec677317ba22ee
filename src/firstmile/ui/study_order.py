"""The order in which `firstmile study --help` lists its commands: that of the work."""

from typing import Final

import typer

WORKFLOW: Final = (
    "init",
    "plan",
    "collect",
    "status",
    "screen",
    "pilot",
    "label",
    "agree",
    "duplicates",
    "codebook",
    "export",
    "import",
    "publish",
    "report",
    "compare",
)

HELP: Final = (
    "A study from its first issue to its report; the commands stand in the order of the work.\n\n"
    "Raters screen, verify, label and adjudicate on pages, which `firstmile serve STUDY` opens."
)


def in_order_of_work(app: typer.Typer) -> None:
    """Sort the study's commands as the work goes; others come last, as they were registered."""
    place = {name: number for number, name in enumerate(WORKFLOW)}

    def rank(command: typer.models.CommandInfo) -> int:
        name = command.name or (command.callback.__name__ if command.callback else "")
        return place.get(name, len(place))

    app.registered_commands.sort(key=rank)
    app.info.help = HELP
