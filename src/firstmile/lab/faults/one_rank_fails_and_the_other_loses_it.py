"""One rank gets an adapter config that does not fit; the other only sees its connection close."""

import datetime
import time

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    entry="lora-target-modules-do-not-exist-in-the-model",
)


def run(bench: Workbench) -> None:
    """Let rank 1 fail and rank 0 wait for it."""
    from firstmile.lab.libraries import peft, torch

    model, _ = bench.loaded()

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo", timeout=datetime.timedelta(seconds=8))
        targets = ["q_proj"] if rank == 0 else ["Wqkv"]
        if rank == 1:
            time.sleep(1)
        peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", target_modules=targets))
        torch.distributed.all_reduce(torch.ones(4))

    bench.ranks(2, work)
