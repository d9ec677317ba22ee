"""Accelerators as the vendors' own tools name them, the driver, and the CUDA toolkit."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from firstmile.facts.environment import Cuda, Gpu
from firstmile.facts.machine import Answer, Machine, UnreadableError
from firstmile.facts.whole_numbers import whole_number
from firstmile.redaction import redact

_MIB: Final = 1024 * 1024
_QUERY: Final = ("index", "name", "memory.total", "memory.used", "driver_version")
_UNKNOWN_FIELD: Final = "not a valid field"
_NVML: Final = ("-P", "-m", "firstmile.facts.nvml")
_VENDORS: Final = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
_TOOLS: Final = {"NVIDIA": "nvidia-smi", "AMD": "rocm-smi"}


class Accelerators:
    """The tools of all vendors, started at once since each of them may take seconds."""

    def __init__(self, machine: Machine) -> None:
        """Start what is there to be asked."""
        self._machine = machine
        query = f"--query-gpu={','.join((*_QUERY, 'compute_cap'))}"
        self._nvidia = machine.start("nvidia-smi", query, "--format=csv,noheader,nounits")
        self._header = machine.start("nvidia-smi") if self._nvidia else None
        self._nvml = None if self._nvidia else _nvml(machine)
        self._rocm = machine.start(
            "rocm-smi",
            *("--showproductname", "--showmeminfo", "vram", "--showdriverversion", "--json"),
        )
        mac = machine.platform == "darwin"
        self._mac = machine.start("system_profiler", "SPDisplaysDataType", "-json") if mac else None
        self.reasons: list[str] = []

    def gpus(self) -> tuple[Gpu, ...]:
        """Return all that the tools name; `reasons` then says which of them failed, and how."""
        found: list[Gpu] = []
        for answer, read in (
            (self._nvidia, of_nvidia),
            (self._nvml, _of_nvml),
            (self._rocm, of_rocm),
            (self._mac, of_mac),
        ):
            if answer is None:
                continue
            try:
                found += read(answer.text())
            except UnreadableError as error:
                again = self._without_newer_field() if _UNKNOWN_FIELD in str(error) else []
                found += again
                if not again:
                    self.reasons.append(str(error))
            except (ValueError, KeyError, TypeError, AttributeError):
                self.reasons.append("a tool's answer has another form than expected")
        if not found and not self.reasons:
            self.reasons += _devices_without_tool(self._machine)
        return tuple(found)

    def _without_newer_field(self) -> list[Gpu]:
        """Ask nvidia-smi again without what drivers before 510 cannot tell."""
        query = f"--query-gpu={','.join(_QUERY)}"
        again = self._machine.start("nvidia-smi", query, "--format=csv,noheader,nounits")
        try:
            return of_nvidia(again.text()) if again else []
        except (UnreadableError, ValueError):
            return []

    def cuda(self, gpus: tuple[Gpu, ...]) -> Cuda | None:
        """Return driver and toolkit; None where there is neither."""
        supports = None
        if self._header is not None:
            try:
                said = re.search(r"CUDA Version: +(\d+\.\d+)", self._header.text())
                supports = said[1] if said else None
            except UnreadableError:
                pass
        driver = next((gpu.driver for gpu in gpus if gpu.vendor == "NVIDIA"), None)
        driver = driver or _loaded_driver(self._machine)
        toolkit, path = _toolkit(self._machine)
        if driver is None and toolkit is None and path is None:
            return None
        return Cuda(driver=driver, driver_supports=supports, toolkit=toolkit, toolkit_path=path)


def of_nvidia(text: str) -> list[Gpu]:
    """Read the answer of `nvidia-smi --query-gpu` without header and units."""
    found = []
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        index = whole_number(fields[0])
        if len(fields) < len(_QUERY) or index is None:
            continue
        found.append(
            Gpu(
                index=index,
                vendor="NVIDIA",
                name=fields[1],
                memory_total_bytes=_mib(fields[2]),
                memory_used_bytes=_mib(fields[3]),
                driver=_said(fields[4]),
                compute_capability=_said(fields[5]) if len(fields) > len(_QUERY) else None,
            )
        )
    return found


def _nvml(machine: Machine) -> Answer | None:
    """Ask NVML in a process of its own, since the library of a broken driver may never return."""
    from importlib.util import find_spec

    try:
        there = find_spec("pynvml") is not None
    except (ImportError, ValueError):
        there = False
    return Answer([sys.executable, *_NVML], machine) if there else None


def _of_nvml(text: str) -> list[Gpu]:
    return [Gpu(vendor="NVIDIA", **each) for each in json.loads(text)]


def of_rocm(text: str) -> list[Gpu]:
    """Read the JSON of `rocm-smi`; the case of its keys differs between versions."""
    cards = json.loads(text[text.index("{") :])
    driver = _folded(cards.get("system", {})).get("driver version")
    found = []
    for name, card in cards.items():
        index = whole_number(name[4:]) if name.startswith("card") else None
        if index is None:
            continue
        said = _folded(card)
        found.append(
            Gpu(
                index=index,
                vendor="AMD",
                name=said.get("card series") or said.get("card model") or name,
                memory_total_bytes=_number(said.get("vram total memory (b)")),
                memory_used_bytes=_number(said.get("vram total used memory (b)")),
                driver=driver,
                compute_capability=said.get("gfx version"),
            )
        )
    return found


def of_mac(text: str) -> list[Gpu]:
    """Read the JSON of `system_profiler SPDisplaysDataType`."""
    return [
        Gpu(
            index=place,
            vendor="Apple" if "Apple" in str(card.get("sppci_model")) else "other",
            name=str(card.get("sppci_model", "unknown")),
            memory_total_bytes=None,
            memory_used_bytes=None,
            driver=None,
            compute_capability=card.get("spdisplays_mtlgpufamilysupport"),
        )
        for place, card in enumerate(json.loads(text)["SPDisplaysDataType"])
    ]


def _folded(card: Mapping[str, Any]) -> dict[str, str]:
    return {key.lower(): str(value) for key, value in card.items()}


def _said(field: str) -> str | None:
    return None if not field or field.startswith("[") or field == "N/A" else field


def _mib(field: str) -> int | None:
    return None if (found := whole_number(field)) is None else found * _MIB


def _number(field: str | None) -> int | None:
    return whole_number(field or "")


def _devices_without_tool(machine: Machine) -> Iterator[str]:
    """Say of devices on the bus for which the tool that would name them is not there."""
    seen = set()
    try:
        devices = sorted(machine.at("/sys/bus/pci/devices").iterdir())
    except OSError:
        return
    for device in devices:
        place = f"/sys/bus/pci/devices/{device.name}"
        kind = (machine.read_if_there(f"{place}/class") or "").strip()
        vendor = (machine.read_if_there(f"{place}/vendor") or "").strip()
        if kind.startswith(("0x0300", "0x0302", "0x0380")):
            seen.add(_VENDORS.get(vendor, ""))
    for vendor, tool in _TOOLS.items():
        if vendor in seen:
            yield f"an {vendor} device is on the bus, but {tool} is not there to name it"


def _loaded_driver(machine: Machine) -> str | None:
    text = machine.read_if_there("/proc/driver/nvidia/version") or ""
    said = re.search(r"Kernel Module(?: for \S+)? +(\d+(?:\.\d+){1,3})", text)
    return said[1] if said else None


def _toolkit(machine: Machine) -> tuple[str | None, str | None]:
    """Return version and place of the CUDA toolkit, as its own files or its compiler say."""
    places = [machine.variables.get("CUDA_HOME"), machine.variables.get("CUDA_PATH")]
    compiler = machine.program("nvcc")
    for place in filter(None, places):
        version = _version_in(Path(place))
        return version or _of_compiler(machine), redact(place).text
    if compiler is not None:
        home = Path(compiler).resolve().parent.parent
        return _version_in(home) or _of_compiler(machine), redact(str(home)).text
    default = machine.at("/usr/local/cuda")
    if default.exists():
        return _version_in(default), "/usr/local/cuda"
    return None, None


def _version_in(home: Path) -> str | None:
    try:
        said = json.loads((home / "version.json").read_text(encoding="utf-8"))
        return str(said["cuda"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        text = (home / "version.txt").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    found = re.search(r"CUDA Version (\d+(?:\.\d+)+)", text)
    return found[1] if found else None


def _of_compiler(machine: Machine) -> str | None:
    answer = machine.start("nvcc", "--version")
    try:
        found = re.search(r"release (\d+\.\d+)", answer.text()) if answer else None
    except UnreadableError:
        return None
    return found[1] if found else None
