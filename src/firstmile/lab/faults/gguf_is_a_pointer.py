"""The GGUF file is a pointer of Git LFS."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    stage="inference",
    entry="gguf-file-is-a-pointer-or-incomplete",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Load the pointer."""
    from firstmile.lab.libraries import llama_cpp

    file = bench.folder / "model.gguf"
    file.write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{'9e556afd44213b6bd1be2b850ebbbd98' * 2}\nsize 4081004224\n"
    )
    llama_cpp.Llama(str(file))
