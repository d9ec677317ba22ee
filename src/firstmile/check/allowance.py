"""How much may be read for one command that was typed."""

from typing import Final

import msgspec

MOST_STARTED: Final = 200
"""Commands that one command starts in all, by scripts that start scripts."""


class Allowance(msgspec.Struct, eq=False):
    """How many commands may still be read for one that was typed; they all count it down.

    It is no part of what a command says: any is equal to any other.
    """

    left: int = MOST_STARTED

    def __eq__(self, other: object) -> bool:
        """Hold any two for equal, so that a command is the same once it was read."""
        return isinstance(other, Allowance)

    def __hash__(self) -> int:
        """Return one number for all."""
        return 0

    def __repr__(self) -> str:
        """Leave out how much is left."""
        return "Allowance()"
