"""A model of the Gemma family, whose numbers outgrow float16, is asked for in float16."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="gemma-3",
    sees=("float16-overflows-in-this-model",),
    command="vllm serve model --dtype float16",
)
