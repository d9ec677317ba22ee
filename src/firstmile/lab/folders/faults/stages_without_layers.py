"""Four stages of a pipeline share two layers."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-3",
    sees=("pipeline-has-more-stages-than-the-model-has-layers",),
    machine="four_gpus",
    command="vllm serve model --pipeline-parallel-size 4",
)
