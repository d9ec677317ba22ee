"""The template of a Modelfile writes a system message and never what was asked."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2-modelfile",
    sees=("modelfile-template-leaves-out-the-prompt",),
    command="ollama create mine -f model/Modelfile",
)


def damage(folder: Path) -> None:
    """Write such a template."""
    (folder / "Modelfile").write_text(
        'FROM ./model.gguf\nTEMPLATE """{{ .System }}<|im_start|>assistant\n"""\n'
    )
