"""Results in plain form: mappings, sequences, strings and Python's own numbers."""

from typing import Any

import msgspec
import numpy as np


def plain(value: Any) -> Any:
    """Return structs as mappings, and NumPy's numbers as Python's."""
    return msgspec.to_builtins(value, enc_hook=_python_number)


def _python_number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"results hold {type(value)}")
