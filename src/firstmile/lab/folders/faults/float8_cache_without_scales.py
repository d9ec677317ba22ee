"""Keys and values are kept in 8-bit floats without scales that were measured."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("float8-cache-has-no-scales",),
    command="vllm serve model --kv-cache-dtype fp8",
)
