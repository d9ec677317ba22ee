"""The ports on which something listens, as the kernel lists them."""

import re
from typing import Final

from firstmile.facts.machine import Machine, UnreadableError

_LISTENING: Final = "0A"
"""State of a socket in `/proc/net/tcp` (`TCP_LISTEN` of the kernel's `tcp_states.h`)."""

_HEXADECIMAL: Final = re.compile(r"[0-9A-F]{4}")


def read_ports(machine: Machine) -> tuple[int, ...]:
    """Return the ports in order; raises UnreadableError where the system has no such list."""
    tables = [machine.read_if_there(path) for path in ("/proc/net/tcp", "/proc/net/tcp6")]
    if tables == [None, None]:
        raise UnreadableError("/proc/net/tcp is not there")
    found = set()
    for line in "".join(filter(None, tables)).splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[3] == _LISTENING:
            _, colon, port = fields[1].rpartition(":")
            if colon and _HEXADECIMAL.fullmatch(port):
                found.add(int(port, 16))
    return tuple(sorted(found))
