"""The answer may be as long as the whole context, which leaves nothing for the prompt."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="phi-3",
    sees=("answer-is-longer-than-the-context",),
    command="llama-cli -m model -c 4096 -n 5000",
)
