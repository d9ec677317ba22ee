"""What lies in a folder that a training goes on from: the files that trainers write there."""

import posixpath
from typing import Final

from firstmile.check.command import ReadStart
from firstmile.check.intent import Checkpoint

STATE: Final = "trainer_state.json"
WEIGHTS: Final = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "adapter_model.safetensors",
    "adapter_model.bin",
)
"""Weights as transformers and PEFT name them."""
SHARDED: Final = ("latest", "pytorch_model_fsdp.bin", "pytorch_model_fsdp_0/.metadata")
"""What DeepSpeed and FSDP write beside or instead of weights."""
OPTIMIZER: Final = ("optimizer.pt", "optimizer.bin", *SHARDED)
_OTHERS: Final = ("scheduler.pt", "rng_state.pth", "training_args.bin")
_NAMES: Final = (STATE, *WEIGHTS, *OPTIMIZER, *_OTHERS)
_MOST_RANKS: Final = 1024


def read_checkpoint(path: str, read_start: ReadStart) -> Checkpoint:
    """Return the known files of a folder, by reading one byte of each."""

    def there(name: str) -> bool:
        return read_start(posixpath.join(path, name), 1) is not None

    files = tuple(name for name in _NAMES if there(name))
    processes: int | None = None
    if "rng_state.pth" in files:
        processes = 1
    else:
        count = 0
        while count < _MOST_RANKS and there(f"rng_state_{count}.pth"):
            count += 1
        processes = count or None
    return Checkpoint(path=path, files=files, processes=processes)
