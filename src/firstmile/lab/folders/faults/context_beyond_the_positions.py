"""A context of 131,072 tokens is asked of a model that has learnt 4,096 positions."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-2",
    sees=("context-is-longer-than-the-positions",),
    command="vllm serve model --max-model-len 131072",
)
