"""bfloat16 is asked of a card of 2018, which does not have it."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("bfloat16-is-asked-of-a-gpu-without-it",),
    machine="turing",
    command="vllm serve model --dtype bfloat16",
)
