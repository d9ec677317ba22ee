"""One rank tokenizes the data set while the other waits at the barrier, longer than allowed."""

import datetime
import time

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/communication",
    cause="distributed/synchronization",
    stage="fine-tuning",
    entry="ranks-time-out-while-one-prepares-the-data",
)


def run(bench: Workbench) -> None:
    """Tokenize slowly on rank 0."""
    from firstmile.lab.libraries import datasets, torch

    rows = datasets.Dataset.from_dict({"text": bench.rows(8)})

    def slowly(row: dict[str, str]) -> dict[str, int]:
        time.sleep(1)
        return {"length": len(row["text"])}

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo", timeout=datetime.timedelta(seconds=3))
        if rank == 0:
            rows.map(slowly, desc="Running tokenizer on dataset")
        torch.distributed.barrier()

    bench.ranks(2, work)
