"""Two ranks wait for each other before the first step, without a word."""

import time

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="hang/fine-tuning",
    cause="distributed/communication",
    stage="fine-tuning",
    entry="training-on-several-gpus-never-makes-its-first-step",
    note="Training on two GPUs hangs before the first step. On one GPU it works.",
    seconds=10.0,
)


def run(bench: Workbench) -> None:
    """Let one rank wait at a barrier for ever."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        bench.say(f"[rank{rank}] ***** Running training *****")
        if rank == 1:
            time.sleep(60)
        torch.distributed.barrier()

    bench.ranks(2, work)
