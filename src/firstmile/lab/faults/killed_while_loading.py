"""The process was killed while it loaded weights, as the kernel does when memory is short."""

import os
import signal

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/process-killed",
    cause="hardware/cpu-memory",
    entry="process-was-killed-for-lack-of-main-memory",
)


def run(bench: Workbench) -> None:
    """Load a model and be killed."""
    bench.loaded()
    os.kill(os.getpid(), signal.SIGKILL)
