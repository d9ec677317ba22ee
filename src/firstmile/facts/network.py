"""The network interfaces of a machine by their names, as variables of NCCL and Gloo name them."""

import re
import socket
from typing import Final

from firstmile.facts.machine import Machine, UnreadableError, reason_of

_OF_AN_ADDRESS: Final = re.compile(r"(enx|wlx)[0-9a-f]{12}")
"""A name that holds the address of the hardware, which is nobody's business."""
MOST: Final = 200


def read_interfaces(machine: Machine) -> tuple[str, ...]:
    """Return the names in order; of one that is made of its address stands "enx*" alone.

    Raises UnreadableError where the system has no such list.
    """
    found = _names(machine)
    shown = {_OF_AN_ADDRESS.sub(r"\1*", name) for name in found}
    return tuple(sorted(shown))[:MOST]


def _names(machine: Machine) -> list[str]:
    if machine.platform == "linux":
        folder = machine.at("/sys/class/net")
        try:
            return [entry.name for entry in folder.iterdir() if entry.is_dir()]
        except OSError as error:
            raise UnreadableError(f"/sys/class/net: {reason_of(error)}") from error
    try:
        return [name for _, name in socket.if_nameindex()]
    except (AttributeError, OSError) as error:
        raise UnreadableError("the system has no list of interfaces") from error
