"""What NVML says of the GPUs, as JSON: run as a program, so that it can be given up."""

import json
from importlib import import_module
from typing import Any


def devices() -> list[dict[str, Any]]:
    """Ask NVML for each GPU; raises what the library raises where it cannot tell."""
    pynvml = import_module("pynvml")
    pynvml.nvmlInit()
    try:
        driver = _text(pynvml.nvmlSystemGetDriverVersion())
        found = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            device = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(device)
            major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(device)
            found.append(
                {
                    "index": index,
                    "name": _text(pynvml.nvmlDeviceGetName(device)),
                    "memory_total_bytes": int(memory.total),
                    "memory_used_bytes": int(memory.used),
                    "compute_capability": f"{major}.{minor}",
                    "driver": driver,
                }
            )
        return found
    finally:
        pynvml.nvmlShutdown()


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


if __name__ == "__main__":
    import sys

    sys.stdout.write(json.dumps(devices()))
