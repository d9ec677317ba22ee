"""Another program listens on the port of the server."""

import socket

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/other",
    cause="configuration/inference",
    stage="inference",
    entry="server-port-is-already-in-use",
)


def run(bench: Workbench) -> None:
    """Start a server on a port that is taken."""
    from firstmile.lab.libraries import uvicorn

    async def application(scope: object, receive: object, send: object) -> None:
        """Answer nothing."""

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        uvicorn.run(application, host="127.0.0.1", port=taken.getsockname()[1])
