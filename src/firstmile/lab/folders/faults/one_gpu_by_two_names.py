"""A variable names one GPU twice, so two ranks want the same."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("visible-devices-name-a-gpu-twice",),
    machine="four_gpus",
    command="CUDA_VISIBLE_DEVICES=0,0 vllm serve model --tensor-parallel-size 2",
)
