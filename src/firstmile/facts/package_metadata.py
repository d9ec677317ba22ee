"""What an installed package says of itself: version, requirements, tags, and what it was built for.

Files are read as text, with bounds; nothing is imported.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from firstmile.facts.environment import BuiltFor

_MOST_METADATA: Final = 64 * 1024
_MOST_TEXT: Final = 256 * 1024
_MOST_REQUIREMENTS: Final = 200
_MOST_TAGS: Final = 20
_CUDA: Final = re.compile(r"""^cuda(?:: [^=\n]{1,40})? = ['"]([\d.]+)['"]""", re.MULTILINE)
_HIP: Final = re.compile(r"""^hip(?:: [^=\n]{1,40})? = ['"]([\d.]+)""", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,80}")
_WHEEL_OF_FLASH: Final = re.compile(
    r"cu(?P<cuda>\d{2,4})torch(?P<torch>\d+\.\d+)(?:\.\d+)?cxx11abi(?P<abi>TRUE|FALSE)",
    re.IGNORECASE,
)
_BITSANDBYTES: Final = re.compile(r"libbitsandbytes_cuda(\d{3,4})(?:_\w+)?\.(?:so|dll)")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What the files of a `.dist-info` or `.egg-info` folder state."""

    version: str | None
    requires: tuple[str, ...]
    requires_python: str | None
    tags: tuple[str, ...]
    editable: bool
    origin: str | None


def normal(name: str) -> str:
    """Return a package's name in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_metadata(folder: Path) -> Metadata:
    """Read what a package's metadata states; what is not there is None or empty."""
    head = _text(folder / "METADATA", _MOST_METADATA) or _text(folder / "PKG-INFO", _MOST_METADATA)
    head = (head or "").replace("\r\n", "\n").partition("\n\n")[0]
    stated = re.search(r"^Version: *(\S{1,80})", head, re.MULTILINE)
    python = re.search(r"^Requires-Python: *([^\n]{1,80})", head, re.MULTILINE)
    wheel = _text(folder / "WHEEL", 4096) or ""
    address, editable = _origin(folder)
    return Metadata(
        version=stated[1] if stated else None,
        requires=tuple(_requirements(head)),
        requires_python=python[1].strip() if python else None,
        tags=tuple(re.findall(r"^Tag: *(\S{1,120})", wheel, re.MULTILINE)[:_MOST_TAGS]),
        editable=editable,
        origin=address,
    )


def name_of_requirement(requirement: str) -> str:
    """Return the package that a requirement names, in its normal form."""
    found = _NAME.match(requirement)
    return normal(found[0]) if found else ""


def _requirements(head: str) -> Iterator[str]:
    """Yield the requirements that hold whatever extra is installed."""
    found = re.findall(r"^Requires-Dist: *([^\n]{1,300})", head, re.MULTILINE)
    for each in found[:_MOST_REQUIREMENTS]:
        if not re.search(r";.*\bextra\b", each):
            yield " ".join(each.split())


def _origin(folder: Path) -> tuple[str | None, bool]:
    """Return the file name that a package was installed from by address, and whether editable."""
    try:
        said = json.loads(_text(folder / "direct_url.json", 8192) or "null")
        address = str(said["url"]).rpartition("/")[2]
        editable = said.get("dir_info", {}).get("editable") is True
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, False
    return address, editable


def built_for(name: str, version: str, site: Path, origin: str | None) -> BuiltFor | None:
    """Return what a package's compiled code was built against; None where it does not say.

    `site` is the folder that the package's own folder lies in, `origin` the file that it was
    installed from.
    """
    if name == "torch":
        return _of_torch(site)
    if name in ("flash-attn", "causal-conv1d", "mamba-ssm"):
        return _of_wheel(f"{version} {origin or ''}")
    if name == "xformers":
        return _of_xformers(site)
    if name == "bitsandbytes":
        return _of_bitsandbytes(site)
    return None


def build_of_torch(site: Path) -> str | None:
    """Return what torch was built for ("CUDA 12.4", "ROCm 6.2", "CPU"); its file says it."""
    text = _text(site / "torch" / "version.py", _MOST_TEXT)
    if text is None:
        return None
    if cuda := _CUDA.search(text):
        return f"CUDA {cuda[1]}"
    if hip := _HIP.search(text):
        return f"ROCm {hip[1]}"
    return "CPU"


def _of_torch(site: Path) -> BuiltFor | None:
    """Torch says its C++ ABI in the flags that it hands to builds of extensions."""
    build = build_of_torch(site)
    flags = _text(site / "torch" / "share" / "cmake" / "Torch" / "TorchConfig.cmake", _MOST_TEXT)
    abi = re.search(r"_GLIBCXX_USE_CXX11_ABI=([01])", flags or "")
    if build is None and abi is None:
        return None
    cuda = build.removeprefix("CUDA ") if build and build.startswith("CUDA ") else None
    return BuiltFor(cuda=(cuda,) if cuda else (), cxx11_abi=abi[1] == "1" if abi else None)


def _of_wheel(text: str) -> BuiltFor | None:
    """Wheels of flash-attn and its kin name torch, CUDA and ABI in their version's local part."""
    said = _WHEEL_OF_FLASH.search(text)
    if said is None:
        return None
    return BuiltFor(
        torch=said["torch"],
        cuda=(_cuda_of_digits(said["cuda"]),),
        cxx11_abi=said["abi"].upper() == "TRUE",
    )


def _cuda_of_digits(digits: str) -> str:
    """Return a release of CUDA from digits: 118 is 11.8, 1241 12.4; two digits are a major."""
    return f"{digits[:2]}.{digits[2]}" if len(digits) > 2 else digits


def _of_xformers(site: Path) -> BuiltFor | None:
    try:
        said = json.loads(_text(site / "xformers" / "cpp_lib.json", _MOST_TEXT) or "null")
        version = said["version"]
        torch, python, cuda = version["torch"], version["python"], version.get("cuda")
    except (ValueError, KeyError, TypeError):
        return None
    release = f"{cuda // 100}.{cuda % 100}" if isinstance(cuda, int) else None
    return BuiltFor(
        torch=str(torch)[:40], python=str(python)[:20], cuda=(release,) if release else ()
    )


def _of_bitsandbytes(site: Path) -> BuiltFor | None:
    try:
        with os.scandir(site / "bitsandbytes") as listed:
            names = sorted(each.name for each in listed)
    except OSError:
        return None
    releases = {
        f"{digits[:2]}.{digits[2:]}"
        for name in names
        for digits in (found[1] for found in (_BITSANDBYTES.fullmatch(name),) if found)
    }
    return BuiltFor(cuda=tuple(sorted(releases))) if releases else None


def _text(path: Path, most: int) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return None
