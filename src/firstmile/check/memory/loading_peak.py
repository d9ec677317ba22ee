"""What weights take on a device while they are loaded, where that is more than afterwards."""

from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.memory.subject import Subject
from firstmile.check.releases import older

_ROUNDS_PIECE_BY_PIECE: Final = "0.20"
"""The first release of vLLM whose `--quantization fp8` does not hold the whole model unrounded."""


def loading_peak(subject: Subject, intent: Intent, version: str | None) -> float | None:
    """Return the bytes on all devices together, None where loading takes no more than running.

    vLLM creates weights as the files hold them and rounds them to 8 bits once all are there
    (Fp8LinearMethod in model_executor/layers/quantization/fp8.py; its documentation on FP8).
    """
    scheme = subject.scheme
    if intent.engine != "vllm" or scheme is None or not scheme.at_load or scheme.is_four_bit:
        return None
    if older(version, _ROUNDS_PIECE_BY_PIECE) is False:
        return None
    return subject.weights.numbers * subject.number_bytes
