"""What a machine leaves to a run: the room on its devices, and in main memory."""

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.ranks import takes_other_machines, visible_gpus
from firstmile.facts.environment import Environment
from firstmile.facts.snapshot import Snapshot


class Devices(msgspec.Struct, frozen=True, kw_only=True):
    """The devices that a run may use. `total` and `free` are those of the smallest.

    `used` is False where the machine has none, so that the run goes on the processor.
    """

    count: int
    total: float | None
    free: float | None
    used: bool
    name: str | None = None


def there_of(intent: Intent, devices: Devices) -> int | None:
    """Return how many devices one machine has for a run; None where several take part."""
    if takes_other_machines(intent) or not devices.count:
        return None
    return devices.count


def devices_of(intent: Intent, environment: Environment | None) -> Devices:
    """Return the devices that a command leaves visible.

    A machine of which nothing is known is taken to have devices of unknown size.
    """
    gpus = visible_gpus(Snapshot(environment=environment), intent)
    if gpus is None:
        return Devices(count=0, total=None, free=None, used=True)
    if not gpus:
        return Devices(count=0, total=None, free=None, used=False)
    totals = [one.memory_total_bytes for one in gpus]
    if any(each is None for each in totals):
        return Devices(count=len(gpus), total=None, free=None, used=True, name=gpus[0].name)
    free = min(float((one.memory_total_bytes or 0) - (one.memory_used_bytes or 0)) for one in gpus)
    return Devices(
        count=len(gpus),
        total=float(min(each or 0 for each in totals)),
        free=free,
        used=True,
        name=gpus[0].name,
    )


def host_limit(environment: Environment | None) -> tuple[float | None, float | None]:
    """Return what a run may take of main memory, and all there is.

    The limit of a control group counts where it is lower than what the machine has to give.
    """
    if environment is None or environment.memory is None:
        return None, None
    memory = environment.memory
    available = memory.available_bytes if memory.available_bytes is not None else memory.total_bytes
    limit = float(available)
    total = float(memory.total_bytes)
    group = environment.cgroup
    if group is not None and group.memory_limit_bytes is not None:
        left = group.memory_limit_bytes - (group.memory_used_bytes or 0)
        limit = min(limit, float(max(left, 0)))
        total = min(total, float(group.memory_limit_bytes))
    return limit, total
