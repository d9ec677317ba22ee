"""What of a model matters to memory."""

from collections.abc import Mapping
from typing import Any

import msgspec

from firstmile.check.memory.quantization import Scheme
from firstmile.check.memory.weights import Weights
from firstmile.facts.model_folder.architecture import Architecture


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A model by its sizes and weights.

    `text` is the text part of its config, or the metadata of a GGUF. `stored` are the bytes of
    its files, `number_bytes` those of a number that is loaded unquantized.
    """

    sizes: Architecture
    text: Mapping[str, Any]
    weights: Weights
    scheme: Scheme | None
    number_bytes: float
    stored: float
    largest_file: int
    pickled: bool
    is_gguf: bool
