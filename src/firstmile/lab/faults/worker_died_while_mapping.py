"""A process that prepares the data set was killed, as the kernel does when memory is short."""

import os
import signal

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/process-killed",
    cause="hardware/cpu-memory",
    stage="fine-tuning",
    entry="a-worker-died-while-the-data-set-was-mapped",
)


def run(bench: Workbench) -> None:
    """Let a worker of the mapping die."""
    from firstmile.lab.libraries import datasets

    def die(row: dict[str, str], place: int) -> dict[str, int]:
        if place == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return {"length": len(row["text"])}

    rows = datasets.Dataset.from_dict({"text": bench.rows(8)})
    rows.map(die, num_proc=2, with_indices=True, desc="Running tokenizer on dataset")
