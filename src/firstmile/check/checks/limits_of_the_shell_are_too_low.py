"""The shell allows enough open files and, for several machines, enough locked memory.

Why: a server holds a socket for each request and files for each shard, data workers share tensors
through open files: below some thousands they end in "OSError: [Errno 24] Too many open files".
InfiniBand locks memory for its transfers: with a small limit NCCL says "ibv_reg_mr failed: Cannot
allocate memory", often in batch systems and containers.

Fix: ulimit -n 65536 before the start, ulimit -l unlimited for InfiniBand; in Docker --ulimit
nofile=65536 --ulimit memlock=-1.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Parallel, Training
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import machine, world
from firstmile.facts.environment import Limit
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="environment/system-architecture",
    references=(
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html",
        "https://docs.vllm.ai/en/latest/usage/troubleshooting.html",
    ),
)
_LEAST_FILES: Final = 4096
_LEAST_LOCKED: Final = 1024**3
"""A gigabyte: NCCL's buffers for a few peers; sites that run it set no limit at all."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the limits that this kind of run comes to feel."""
    workers = (intent.training.workers or 0) if intent.training is not None else 0
    many_files = intent.serves or workers > 0
    several = (intent.parallel.nodes or 1) > 1
    if not many_files and not several:
        return does_not_apply("neither a server, nor data workers, nor several machines are used")
    environment = snapshot.environment
    if environment is None or not environment.limits:
        return not_known("the limits of the shell")
    files, locked = environment.limit("nofile"), environment.limit("memlock")
    if many_files and files is not None and files.soft is not None and files.soft < _LEAST_FILES:
        return warned(
            f"The shell allows only {files.soft:,} open files.",
            seen(f"ulimit -n = {files.soft}"),
            remedy="ulimit -n "
            + str(min(65536, files.hard) if files.hard is not None else 65536)
            + " before the start.",
        )
    if several and locked is not None and locked.soft is not None and locked.soft < _LEAST_LOCKED:
        return warned(
            f"The shell allows only {locked.soft // 1024:,} KiB of locked memory.",
            seen(f"ulimit -l = {locked.soft // 1024}"),
            remedy="ulimit -l unlimited (in Docker --ulimit memlock=-1), where InfiniBand is used.",
        )
    return passed(
        "The limits of the shell are high enough.",
        *(seen(f"{each.name} = {each.soft}") for each in (files, locked) if each is not None),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, intent: Intent, files: int | None, locked: int | None = None
    ) -> Example:
        made = machine(
            limits=[
                Limit(name="nofile", soft=files, hard=1048576),
                Limit(name="memlock", soft=locked, hard=None),
            ]
        )
        return Example(outcome=outcome, snapshot=world(environment=made), intent=intent)

    serve = Intent(action=Action.SERVE)
    train = Intent(action=Action.FINE_TUNE, training=Training(workers=8))
    nodes = Intent(parallel=Parallel(nodes=2))
    yield of(Outcome.PASS, serve, 65536)
    yield of(Outcome.PASS, serve, None)
    yield of(Outcome.WARN, serve, 1024)
    yield of(Outcome.WARN, train, 256)
    yield of(Outcome.WARN, nodes, 65536, 65536)
    yield of(Outcome.SKIP, Intent(), 1024)
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=machine()), intent=serve)
