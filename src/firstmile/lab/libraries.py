"""Libraries of the lab's environment, imported when asked for: firstmile itself needs none."""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """Import a library: `from firstmile.lab.libraries import torch`."""
    if name.startswith("__"):
        raise AttributeError(name)
    return importlib.import_module(name)
