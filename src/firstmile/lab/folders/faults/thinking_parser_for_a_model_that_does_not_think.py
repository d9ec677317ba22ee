"""A parser of thinking is set for a model that has no marks of it."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("reasoning-parser-does-not-fit-the-model",),
    command="vllm serve model --reasoning-parser deepseek_r1",
)
