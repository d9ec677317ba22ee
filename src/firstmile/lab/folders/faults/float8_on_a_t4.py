"""A model in 8-bit floats is to run on a card of 2018, whose kernels lack them."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-3-fp8",
    sees=("quantization-has-no-kernel-for-this-gpu",),
    machine="turing",
    command="vllm serve model --dtype half",
)
