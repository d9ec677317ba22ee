"""Another program listens on the port that the server is to take."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2", sees=("server-port-is-already-in-use",), command="vllm serve model --port 8000"
)


def provoke(bench: Workbench) -> None:
    """Listen twice."""
    import socket

    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        first.listen()
        refused(bench, lambda: second.bind(first.getsockname()), "in use")


def machine() -> "Environment":
    """Return the computer."""
    from msgspec.structs import replace

    from firstmile.lab.folders import machines

    return replace(machines.workstation(), ports=(22, 8000))
