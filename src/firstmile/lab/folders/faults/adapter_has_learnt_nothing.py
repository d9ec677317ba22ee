"""The adapter was saved before its first step: it changes nothing."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import logits
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-lora", sees=("adapter-was-saved-untrained",))


def damage(folder: Path) -> None:
    """Zero the matrices B."""
    with tensors(folder, "adapter_model.safetensors") as held:
        for name, value in held.items():
            if "lora_B" in name:
                value.zero_()


def provoke(bench: Workbench) -> None:
    """Compute with and without it."""
    from firstmile.lab.libraries import torch, transformers

    base = transformers.AutoModelForCausalLM.from_pretrained(
        bench.folder / "base", dtype=torch.float32
    )
    with torch.no_grad():
        plain = base(torch.tensor([[5, 6, 7, 8]])).logits
    assert torch.equal(plain, logits(bench))
    bench.say("the adapter changes nothing")
