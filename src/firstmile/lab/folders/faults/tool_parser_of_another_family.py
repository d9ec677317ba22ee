"""The parser of calls looks for marks of Mistral, and the template teaches those of Qwen."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("tool-parser-looks-for-other-marks-than-the-model-writes",),
    command="vllm serve model --enable-auto-tool-choice --tool-call-parser mistral",
)
