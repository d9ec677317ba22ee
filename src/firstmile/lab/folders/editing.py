"""Small changes to a model folder: JSON in place, tensors, headers of safetensors."""

import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

WEIGHTS: Final = "model.safetensors"


@contextmanager
def edited(file: Path) -> Iterator[dict[str, Any]]:
    """Change a JSON file in place."""
    held = json.loads(file.read_text(encoding="utf-8"))
    yield held
    file.write_text(json.dumps(held, indent=2, ensure_ascii=False), encoding="utf-8")


@contextmanager
def tensors(folder: Path, name: str = WEIGHTS) -> Iterator[dict[str, Any]]:
    """Change the tensors of a file by their names."""
    from firstmile.lab.libraries import torch

    library = _safetensors()
    with torch.no_grad():
        held = library.load_file(folder / name)
        yield held
        whole = {key: value.contiguous() for key, value in held.items()}
        library.save_file(whole, folder / name, metadata={"format": "pt"})


@contextmanager
def header(file: Path) -> Iterator[dict[str, Any]]:
    """Change the header of a safetensors file and leave its data as they are."""
    data = file.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    held = json.loads(data[8 : 8 + length])
    yield held
    written = json.dumps(held).encode()
    written += b" " * (-len(written) % 8)
    file.write_bytes(struct.pack("<Q", len(written)) + written + data[8 + length :])


def cut(file: Path, share: float = 0.6) -> None:
    """Keep only the first part of a file, as a download that broke off does."""
    os.truncate(file, int(file.stat().st_size * share))


def pointer(file: Path) -> None:
    """Put in its place what Git LFS leaves where it fetches nothing."""
    size = file.stat().st_size
    file.write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{'4d7a214614ab2935c943f9e0ff69d22e' * 2}\nsize {size}\n"
    )


def web_page(file: Path) -> None:
    """Put a web page in its place, as a sign-in page that was saved under its name."""
    file.write_text(
        "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>"
        "<p>You need to agree to share your contact information.</p></body></html>\n"
    )


def _safetensors() -> Any:
    import importlib

    return importlib.import_module("safetensors.torch")
