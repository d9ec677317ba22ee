"""Tools are switched on without saying how calls are read."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("automatic-tool-choice-has-no-parser",),
    command="vllm serve model --enable-auto-tool-choice",
)
