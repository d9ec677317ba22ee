"""Scales in 8-bit exponents are to be read by a safetensors that does not know them."""

from pathlib import Path
from typing import TYPE_CHECKING

from firstmile.lab.folders.editing import header
from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(base="gpt-oss", sees=("number-type-is-newer-than-the-installed-safetensors",))


def damage(folder: Path) -> None:
    """Name the scales' type as newer tools do."""
    with header(folder / "model.safetensors") as held:
        for name, one in held.items():
            if name.endswith("_scales"):
                one["dtype"] = "F8_E8M0"


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.lab.folders import machines

    return machines.workstation(releases={"safetensors": "0.5.3"})
