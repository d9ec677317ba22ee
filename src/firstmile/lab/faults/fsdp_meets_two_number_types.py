"""Weights in bfloat16 and norms in float32 are to be flattened together by FSDP."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/dtype-mismatch",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="fsdp-meets-parameters-of-two-number-types",
)


def run(bench: Workbench) -> None:
    """Wrap a model of two number types."""
    from firstmile.lab.libraries import torch

    model, _ = bench.loaded(dtype=torch.bfloat16)
    model.model.norm.to(torch.float32)

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        torch.distributed.fsdp.FullyShardedDataParallel(
            model, device_id=torch.device("cpu"), use_orig_params=True
        )

    bench.ranks(2, work)
