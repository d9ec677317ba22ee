"""The order in which `firstmile study --help` lists its commands: that of the work."""

from collections.abc import Mapping
from typing import Final

import typer

WORKFLOW: Final[Mapping[str, str]] = {
    "init": "Start a study: write its folder with a study.toml.",
    "plan": "Say what the study will cost in requests, time and hours.",
    "collect": "Collect the issues; goes on where it was stopped.",
    "status": "Show the funnel and what to do next.",
    "screen": "Screen by keyword, find duplicates, rank what is to read.",
    "pilot": "Label in rounds until the raters agree.",
    "label": "Serve the pages to label on, or let a model label.",
    "agree": "Say how far the raters agree, and where they part.",
    "duplicates": "Show the groups of issues that report the same failure.",
    "codebook": "Show the codebook's version, and labels that a change touches.",
    "export": "Write the labels as CSV, or what waits as Label Studio tasks.",
    "import": "Record labels that were given elsewhere.",
    "publish": "Publish the labels as a documented data set.",
    "report": "Recompute everything and write a report.",
    "compare": "Compare two studies, or two dates of one.",
    "schema": "Print the JSON Schema of report.json.",
}
"""Commands with the line that the list has of each: short enough for a terminal of 80 columns."""

HELP: Final = (
    "A study from its first issue to its report; the commands stand in the order of the work.\n\n"
    "Raters screen, verify, label and adjudicate on pages, which `firstmile serve STUDY` opens."
)


def in_order_of_work(app: typer.Typer) -> None:
    """Sort the study's commands as the work goes; others come last, as they were registered."""
    place = {name: number for number, name in enumerate(WORKFLOW)}

    def named(command: typer.models.CommandInfo) -> str:
        return command.name or (command.callback.__name__ if command.callback else "")

    for command in app.registered_commands:
        command.short_help = WORKFLOW.get(named(command))
    app.registered_commands.sort(key=lambda command: place.get(named(command), len(place)))
    app.info.help = HELP
