"""The engine has no implementation of the model's architecture."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="smollm-3",
    sees=("model-architecture-is-unknown-to-the-engine",),
    command="vllm serve model",
)


def machine() -> "Environment":
    """Return a computer whose vLLM knows two architectures."""
    from firstmile.lab.folders import machines

    return machines.workstation(architectures=("LlamaForCausalLM", "Qwen2ForCausalLM"))
