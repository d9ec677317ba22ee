"""A model that was split by a device map is trained by two ranks."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="distributed/model-parallelism",
    stage="fine-tuning",
    entry="model-split-by-a-device-map-meets-a-distributed-launch",
)


def run(bench: Workbench) -> None:
    """Prepare it for training on two ranks."""
    from firstmile.lab.libraries import accelerate

    model, _ = bench.loaded(
        device_map={"model": "cpu", "lm_head": "disk"},
        offload_folder=str(bench.folder / "offload"),
    )

    def work(rank: int) -> None:
        accelerator = accelerate.Accelerator(cpu=True)
        accelerator.prepare_model(model)

    bench.ranks(2, work, settings={"ACCELERATE_USE_CPU": "true"})
