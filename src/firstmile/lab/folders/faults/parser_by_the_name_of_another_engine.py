"""The parser is named as SGLang calls it, and the server is vLLM."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("parser-has-another-name-in-this-engine",),
    command="vllm serve model --enable-auto-tool-choice --tool-call-parser qwen25",
)
