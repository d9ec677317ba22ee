"""LoRA's trained weights and the frozen ones are to be flattened together by FSDP."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="fsdp-meets-frozen-and-trained-parameters",
)


def run(bench: Workbench) -> None:
    """Wrap a model with an adapter."""
    from firstmile.lab.libraries import peft, torch

    model, _ = bench.loaded()
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM"))

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        torch.distributed.fsdp.FullyShardedDataParallel(tuned, device_id=torch.device("cpu"))

    bench.ranks(2, work)
