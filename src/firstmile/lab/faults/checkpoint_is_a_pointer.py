"""An old checkpoint was cloned without Git LFS: pytorch_model.bin is a pointer."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entry="checkpoint-is-a-pointer-or-a-web-page",
)


def run(bench: Workbench) -> None:
    """Put a pointer in the place of the weights and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{'4d7a214614ab2935c943f9e0ff69d22e' * 2}\nsize 4976698672\n"
    )
    transformers.AutoModelForCausalLM.from_pretrained(folder)
