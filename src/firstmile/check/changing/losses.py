"""What a change costs, the least first: the order in which changes are tried."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Loss(IntEnum):
    """What is lost by a change. A smaller number is tried before a larger one.

    Nothing is given up that a person asked for while something that nobody asked for, or that
    only costs time, is left; numbers are rounded before a context is cut, since answers change
    little by it; offloading and training less than was meant come last.
    """

    CORRECTION = 0
    IDLE_HARDWARE = 1
    WIDER_NUMBERS_THAN_THE_FILES = 2
    SOME_SPEED = 3
    CONTEXT_NOBODY_ASKED_FOR = 4
    PRECISION_OF_THE_CACHE = 5
    PRECISION_OF_THE_OPTIMIZER = 6
    CONTEXT = 7
    PRECISION_OF_WEIGHTS = 8
    MUCH_PRECISION_OF_WEIGHTS = 9
    MUCH_SPEED = 10
    WEIGHTS_THAT_ARE_TRAINED = 11


WORDS: Final[Mapping[Loss, str]] = {
    Loss.CORRECTION: "nothing: the command could not have worked",
    Loss.IDLE_HARDWARE: "nothing but room that stood idle",
    Loss.WIDER_NUMBERS_THAN_THE_FILES: "nothing: the files hold no wider numbers",
    Loss.SOME_SPEED: "some speed",
    Loss.CONTEXT_NOBODY_ASKED_FOR: "context that the command did not ask for",
    Loss.PRECISION_OF_THE_CACHE: "precision of keys and values",
    Loss.PRECISION_OF_THE_OPTIMIZER: "precision of the optimizer's states",
    Loss.CONTEXT: "context",
    Loss.PRECISION_OF_WEIGHTS: "a little precision of the weights",
    Loss.MUCH_PRECISION_OF_WEIGHTS: "precision of the weights",
    Loss.MUCH_SPEED: "much speed",
    Loss.WEIGHTS_THAT_ARE_TRAINED: "training of all weights: an adapter is trained instead",
}
"""Each loss in words."""
