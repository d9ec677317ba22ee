"""Merges stand as pairs in tokenizer.json, which tokenizers of 2023 cannot read."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="llama-3-of-2024", sees=("tokenizer-json-is-newer-than-the-installed-tokenizers",)
)


def machine() -> "Environment":
    """Return a computer with libraries of early 2024."""
    from firstmile.lab.folders import machines

    older = {"tokenizers": "0.15.2", "transformers": "4.38.2", "huggingface-hub": "0.21.4"}
    return machines.of_2024(releases=older, without=("vllm", "sglang", "trl", "peft"))
