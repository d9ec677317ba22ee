"""What a process takes beside the tensors of its model."""

from typing import Final

from firstmile.check.memory.amount import between

CONTEXT_OF_CUDA: Final = between(0.25, 0.5, 0.9)
"""What a process takes on a device before it allocates anything."""
GRAPHS_OF_SERVERS: Final = between(0.05, 0.8, 2.2)
"""Captured graphs; engines print what theirs take when they start."""
NCCL_OF_A_RANK: Final = between(0.1, 0.5, 1.5)
PYTHON: Final = between(0.28, 0.37, 0.6)
"""A process that has imported torch and transformers (measured in docs/memory.md)."""
