"""Loading healthy folders as their users would, and comparing fast with slow tokenizers."""

import shutil
from pathlib import Path
from typing import Any, Final

from firstmile.lab.folders.fault import MODEL
from firstmile.lab.small_models import TEXTS
from firstmile.lab.workbench import Workbench

_NEEDS_KERNELS: Final = ("gptq", "awq", "fp8", "compressed-tensors", "mxfp4")
"""Quantizations that this environment cannot unpack: only their files are read."""


def load_healthy(name: str, bench: Workbench) -> None:
    """Load a base, generate from it, and insist that nothing was left to chance."""
    if name == "llama-70b":
        bench.say("holes: its headers alone are read")
        return
    shutil.copytree(bench.store / name, bench.folder, dirs_exist_ok=True)
    folder = bench.folder / MODEL
    if (folder / "model.gguf").exists():
        _read_gguf(bench, folder / "model.gguf")
        return
    _load(bench, folder)
    if (folder / "tokenizer.json").exists():
        _compare_tokenizers(bench, folder)


def _load(bench: Workbench, folder: Path) -> None:
    from firstmile.lab.libraries import torch, transformers

    if not (folder / "adapter_config.json").exists():
        config = transformers.AutoConfig.from_pretrained(folder)
        quantized: Any = getattr(config, "quantization_config", None) or {}
        if quantized.get("quant_method") in _NEEDS_KERNELS:
            bench.say(f"needs kernels of {quantized['quant_method']}: its config was loaded")
            return
    model, told = transformers.AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True
    )
    assert not told["missing_keys"], told
    assert not told["unexpected_keys"], told
    out = model.generate(torch.tensor([[5, 6, 7]]), max_new_tokens=2)
    assert out.shape[1] >= 4
    bench.say(f"{type(model).__name__} generated {out.shape[1] - 3} tokens")


def _compare_tokenizers(bench: Workbench, folder: Path) -> None:
    """Encode with transformers, the library beneath it, and sentencepiece where it has a file."""
    from firstmile.lab.libraries import sentencepiece, tokenizers, transformers

    loaded = transformers.AutoTokenizer.from_pretrained(folder)
    below = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    slow = folder / "tokenizer.model"
    pieces = sentencepiece.SentencePieceProcessor(str(slow)) if slow.exists() else None
    for text in TEXTS:
        ids = loaded(text, add_special_tokens=False).input_ids
        assert ids == below.encode(text, add_special_tokens=False).ids, text
        assert pieces is None or ids == pieces.encode(text), text
        back = loaded.decode(ids, clean_up_tokenization_spaces=False)
        assert back.strip() == text, (text, back)
    bench.say(f"{len(TEXTS)} texts: {'slow and fast' if pieces else 'both libraries'} agree")


def _read_gguf(bench: Workbench, file: Path) -> None:
    from firstmile.lab.libraries import gguf

    read = gguf.GGUFReader(file)
    assert read.tensors
    bench.say(f"{len(read.tensors)} tensors, {len(read.fields)} fields")
