"""Expert parallelism is asked of a model without experts."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("expert-parallelism-does-not-fit-the-experts",),
    machine="four_gpus",
    command="python -m sglang.launch_server --model-path model --tp 4 --ep-size 4",
)
