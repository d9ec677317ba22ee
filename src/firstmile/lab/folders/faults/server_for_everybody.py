"""The server listens to the whole network and asks for no key."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("server-is-open-to-the-network-without-a-key",),
    command="vllm serve model --host 0.0.0.0",
)
