"""Python is older than the installed libraries support."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2",
    sees=("python-is-outside-what-the-libraries-support", "compiled-package-is-for-another-python"),
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.lab.folders import machines

    return machines.workstation(python="3.8.10")
