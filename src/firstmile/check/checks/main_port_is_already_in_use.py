"""Nothing listens on the port at which ranks meet.

Why: the first machine opens a port for all ranks, 29500 unless another one is named. A second run
on the machine, or a first that was not ended, holds it: "EADDRINUSE: The server socket has failed
to listen", or accelerate's "Tried to launch distributed communication on port 29500". Newer
torchrun takes a free port where none is named, newer accelerate on a single machine always.

Fix: name another port (--master_port, --main_process_port), or let torchrun find one by
--standalone; end processes of a run that has failed.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.training_sizes import processes_here
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="distributed/communication",
    entries=("master-port-is-already-in-use",),
    references=("https://docs.pytorch.org/docs/stable/elastic/run.html",),
)
_DEFAULT: Final = 29500


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the port among those that something listens on."""
    parallel = intent.parallel
    several = processes_here(snapshot, intent) > 1 or (parallel.nodes or 1) > 1
    if not several or intent.engine in ("vllm", "sglang"):
        return does_not_apply("the command starts no ranks that meet at a port of its choice")
    if (parallel.node_rank or 0) > 0:
        return does_not_apply("the port is opened on the first machine, which is another one")
    by_itself = written(intent, "standalone") is not None or (
        written(intent, "rdzv_backend") is not None and parallel.master_port is None
    )
    if by_itself or parallel.master_port == 0:
        return does_not_apply("the launcher finds a free port by itself")
    environment = snapshot.environment
    if environment is None or environment.ports is None:
        return not_known("the ports that something listens on")
    port = parallel.master_port or _DEFAULT
    which = "of the command" if parallel.master_port else "that launchers take unless told"
    if port in environment.ports:
        free = next(
            (one for one in range(port + 1, port + 500) if one not in environment.ports), port + 500
        )
        flag = "--main_process_port" if written(intent, "num_processes") else "--master_port"
        accelerate = flag == "--main_process_port"
        alone = (parallel.nodes or 1) <= 1
        escapes = alone and (
            accelerate or (not parallel.master_port and intent.engine != "deepspeed")
        )
        say = warned if escapes else failed
        then = "; older releases of the launcher stop" if escapes else ""
        return say(
            f"Something listens on port {port}, the one {which}{then}.",
            seen(f"port {port} is in use on this machine"),
            remedy=f"Set {flag} {free}, or end the run that holds the port.",
        )
    return passed(f"Port {port} is free.", seen(f"port {port} is not in use"))


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    busy = world(None, replace(machine(), ports=(22, 29500)))

    def start(port: int | None = None, *names: str, rank: int | None = None) -> Intent:
        said = tuple(Argument(written=f"--{name}", name=name, value="1") for name in names)
        spread = Parallel(processes=4, master_port=port, node_rank=rank)
        return Intent(engine="torchrun", parallel=spread, arguments=said)

    yield Example(outcome=Outcome.WARN, snapshot=busy, intent=start(), says="port 29500")
    two = replace(start(), parallel=Parallel(processes=4, nodes=2))
    yield Example(outcome=Outcome.FAIL, snapshot=busy, intent=two, says="unless told")
    deepspeed = replace(start(), engine="deepspeed")
    yield Example(outcome=Outcome.FAIL, snapshot=busy, intent=deepspeed)
    accelerate = start(29500, "num_processes")
    yield Example(outcome=Outcome.WARN, snapshot=busy, intent=accelerate)
    yield Example(outcome=Outcome.FAIL, snapshot=busy, intent=start(29500), says="of the command")
    yield Example(outcome=Outcome.PASS, snapshot=busy, intent=start(29501))
    yield Example(outcome=Outcome.SKIP, snapshot=busy, intent=start(None, "standalone"))
    yield Example(outcome=Outcome.SKIP, snapshot=busy, intent=start(None, rank=1))
    yield Example(outcome=Outcome.SKIP, snapshot=busy, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=start(), says="not known")
