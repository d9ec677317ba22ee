"""How many devices a run takes, and which of the machine's it may use."""

from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.facts.environment import Gpu
from firstmile.facts.snapshot import Snapshot

SERVERS = ("vllm", "sglang")
"""Engines that start a process for each device by themselves."""


def ranks_of(intent: Intent) -> int:
    """Return the devices that a server takes in all: tensor, pipeline and data parallel.

    SGLang's data parallelism shares the devices of tensor parallelism where attention alone is
    spread (`--enable-dp-attention`).
    """
    parallel = intent.parallel
    data = parallel.data or 1
    if intent.engine == "sglang" and any(
        each.name == "enable_dp_attention" for each in intent.arguments
    ):
        data = 1
    return max((parallel.tensor or 1) * (parallel.pipeline or 1) * data, 1)


def devices_here(intent: Intent) -> int:
    """Return the processes with a device each that start on one machine."""
    nodes = max(intent.parallel.nodes or 1, 1)
    if intent.engine in SERVERS:
        return -(-ranks_of(intent) // nodes)
    return intent.parallel.processes or 1


def at_once(intent: Intent) -> int:
    """Return the ranks of a run over all machines."""
    nodes = max(intent.parallel.nodes or 1, 1)
    return max(ranks_of(intent), (intent.parallel.processes or 1) * nodes)


def visible_gpus(snapshot: Snapshot, intent: Intent) -> tuple[Gpu, ...] | None:
    """Return the GPUs that the run may use; None where they are not known.

    Devices that are named but not there are left out. Names such as those of MIG or UUIDs leave
    the number open.
    """
    environment = snapshot.environment
    if environment is None or (
        not environment.gpus and any(each.what == "gpus" for each in environment.not_known)
    ):
        return None
    if intent.devices is not None:
        return tuple(each for each in environment.gpus if each.index in intent.devices)
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        said = value_of(snapshot, intent, name)
        if said:
            numbers = [part.strip() for part in said.split(",") if part.strip()]
            if not all(part.isdigit() for part in numbers):
                return None
            kept = {int(part) for part in numbers}
            return tuple(each for each in environment.gpus if each.index in kept)
    return environment.gpus
