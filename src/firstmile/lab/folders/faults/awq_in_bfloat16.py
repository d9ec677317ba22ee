"""An AWQ model is asked for in bfloat16, in which its kernel does not compute."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-awq",
    sees=("quantization-kernel-does-not-compute-in-this-type",),
    command="vllm serve model --quantization awq --dtype bfloat16",
)
