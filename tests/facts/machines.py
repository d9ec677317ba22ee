"""Folders that look like machines, and tools that answer as vendors' tools do."""

from collections.abc import Mapping
from pathlib import Path

from firstmile.facts.machine import Machine

NVIDIA = """#!/bin/sh
case "$1" in
--query-gpu=*compute_cap*) printf '0, NVIDIA H100 80GB HBM3, 81559, 1024, 550.54.15, 9.0\\n' ;;
--query-gpu=*) printf '0, NVIDIA H100 80GB HBM3, 81559, 1024, 550.54.15\\n' ;;
*) printf '| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15   CUDA Version: 12.4 |\\n' ;;
esac
"""


def machine(
    root: Path,
    files: Mapping[str, str] | None = None,
    *,
    tools: Mapping[str, str] | None = None,
    patience_seconds: float = 5.0,
    variables: Mapping[str, str] | None = None,
) -> Machine:
    """Make a machine of some files and tools; it has nothing else."""
    for path, text in (files or {}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    folder = root / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (tools or {}).items():
        tool = folder / name
        tool.write_text(text, encoding="utf-8")
        tool.chmod(0o755)
    known = {"PATH": str(folder), "HOME": str(root / "home"), **(variables or {})}
    return Machine(root=root, platform="linux", variables=known, patience_seconds=patience_seconds)


def installed(folder: Path, name: str, version: str, *, stated: str | None = None) -> Path:
    """Leave what an installer leaves of a package; return its folder of metadata."""
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {stated or version}\n"
    (metadata / "METADATA").write_text(text, encoding="utf-8")
    return metadata


def environment_folder(
    root: Path, *, version: str = "3.11.7", program: str = "#!/bin/false\n"
) -> Path:
    """Make a virtual environment by hand; return its Python, which is `program`."""
    (root / "bin").mkdir(parents=True)
    (root / "lib" / f"python{version.rpartition('.')[0]}" / "site-packages").mkdir(parents=True)
    (root / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {version}\n",
        encoding="utf-8",
    )
    python = root / "bin" / "python"
    python.write_text(program, encoding="utf-8")
    python.chmod(0o755)
    return python
