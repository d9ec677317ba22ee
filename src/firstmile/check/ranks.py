"""How many devices a run takes, and which of the machine's it may use."""

from collections.abc import Sequence

from firstmile.check.command import OF_DEVICES, numbers_of_devices
from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.facts.environment import Gpu
from firstmile.facts.snapshot import Snapshot

SERVERS = ("vllm", "sglang", "text-generation-inference", "lmdeploy")
"""Engines that start a process for each device by themselves."""


def ranks_of(intent: Intent) -> int:
    """Return the devices that a server takes in all: tensor, pipeline and data parallel.

    SGLang's data parallelism shares the devices of tensor parallelism where attention alone is
    spread (`--enable-dp-attention`). LMDeploy's always may: both its engines take --tp 8 --dp 8 on
    eight devices.
    """
    parallel = intent.parallel
    data = parallel.data or 1
    if intent.engine == "lmdeploy":
        return max(parallel.tensor or 1, data)
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


def takes_other_machines(intent: Intent) -> bool:
    """Say whether devices of other machines take part: by number, or as Ray finds them."""
    return (intent.parallel.nodes or 1) > 1 or any(
        each.name in ("distributed_executor_backend", "data_parallel_backend")
        and each.value == "ray"
        for each in intent.arguments
    )


def is_copied(intent: Intent) -> bool:
    """Say whether a cluster's launcher starts the command on several machines, which knows of none.

    Whether the copies work together is then left to what they find in their variables.
    """
    return bool(intent.elsewhere) and not any(
        each.name in ("nnodes", "num_machines") for each in intent.arguments
    )


def at_once(intent: Intent) -> int:
    """Return the ranks of a run over all machines."""
    nodes = max(intent.parallel.nodes or 1, 1)
    return max(ranks_of(intent), (intent.parallel.processes or 1) * nodes)


def visible_gpus(snapshot: Snapshot, intent: Intent) -> tuple[Gpu, ...] | None:
    """Return the GPUs that the run may use; None where they are not known.

    Devices that are named but not there are left out. Names such as those of MIG or UUIDs leave
    open which they are.
    """
    environment = snapshot.environment
    if environment is None or (
        not environment.gpus and any(each.what == "gpus" for each in environment.not_known)
    ):
        return None
    if intent.devices is not None:
        return tuple(each for each in environment.gpus if each.index in intent.devices)
    said = _said(snapshot, intent)
    if said is None:
        return environment.gpus
    kept = numbers_of_devices(said)
    if kept is None:
        return None
    return tuple(each for each in environment.gpus if each.index in kept)


def count_of_visible(snapshot: Snapshot, intent: Intent) -> int | None:
    """Return how many GPUs the run may use: also where they are only named."""
    found = visible_gpus(snapshot, intent)
    if found is not None:
        return len(found)
    if intent.devices is not None:
        return len(intent.devices)
    said = _said(snapshot, intent)
    return len([part for part in said.split(",") if part.strip()]) if said else None


def parts_of_heads(heads: int, kv_heads: int | None, most: int = 16) -> tuple[int, ...]:
    """Return the tensor parallel sizes up to a limit over which heads can be spread."""
    return tuple(
        size
        for size in range(1, most + 1)
        if heads % size == 0 and (not kv_heads or kv_heads % size == 0 or size % kv_heads == 0)
    )


def nearest(sizes: Sequence[int], asked: int) -> int:
    """Return the size that is nearest to the one asked for: the larger of two."""
    return min(sizes, key=lambda size: (abs(size - asked), -size))


def gpus_of(snapshot: Snapshot, intent: Intent, vendor: str) -> tuple[Gpu, ...]:
    """Return the GPUs of a vendor that the run may use; all that are alike where it is open."""
    found = visible_gpus(snapshot, intent)
    if found is None:
        known = snapshot.environment.gpus if snapshot.environment is not None else ()
        found = known if len({each.name for each in known}) == 1 else ()
    return tuple(each for each in found if each.vendor == vendor)


def _said(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return what a variable says of the visible devices."""
    found = (value_of(snapshot, intent, name) for name in OF_DEVICES)
    return next((each for each in found if each is not None), None)
