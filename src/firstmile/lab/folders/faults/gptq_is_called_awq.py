"""The command asks for AWQ, and the files are GPTQ."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-gptq",
    sees=("quantization-asked-for-is-not-that-of-the-files",),
    command="vllm serve model --quantization awq",
)
