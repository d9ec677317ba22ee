"""torchvision was left at the release for an older torch."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(base="qwen-2", sees=("torchvision-or-torchaudio-does-not-fit-torch",))


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.lab.folders import machines

    return machines.workstation(releases={"torchvision": "0.19.1+cu124"})
