"""A model of 141 GB is to run on a card of 24 GB."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-70b",
    sees=("weights-do-not-fit-on-the-devices",),
    command="vllm serve model --max-model-len 8192",
)
