"""Several machines are told one address at which their ranks meet.

Why: the ranks of all machines find each other at the first machine's address. Launchers take
127.0.0.1 where none is named, which is each machine itself: every one waits for the others until
it times out ("DistStoreError: Timed out", "The client socket has timed out").

Fix: name the first machine's address on all of them: --master_addr (torchrun, vLLM),
--rdzv_endpoint, --main_process_ip (accelerate), --dist-init-addr (SGLang).
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.ranks import is_copied
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="distributed/communication",
    entries=("a-node-did-not-come-to-the-rendezvous", "nccl-cannot-reach-the-other-machine"),
    references=(
        "https://docs.pytorch.org/docs/stable/elastic/run.html",
        "https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",
    ),
)
_HERE: Final = ("localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0")  # noqa: S104 - compared with
_FLAGS: Final = {"vllm": "--master-addr", "sglang": "--dist-init-addr"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for an address that all machines reach."""
    nodes = intent.parallel.nodes or 1
    if nodes <= 1:
        return does_not_apply("the command runs on one machine")
    if intent.engine == "deepspeed" or written(intent, "hostfile", "deepspeed_hostfile"):
        return does_not_apply("the launcher of DeepSpeed hands the address out by itself")
    address = intent.parallel.master_address
    if address is None and is_copied(intent):
        return not_known("where the copies meet that the cluster's launcher starts")
    if address is None:
        address = value_of(snapshot, intent, "PET_RDZV_ENDPOINT") or value_of(
            snapshot, intent, "PET_MASTER_ADDR"
        )
    flag = _FLAGS.get(intent.engine or "", "--master_addr")
    if written(intent, "num_machines", "main_process_port", "num_processes") is not None:
        flag = "--main_process_ip"
    count = seen(f"machines = {nodes}")
    remedy = f"Set {flag} to the first machine's address, the same on all of them."
    if not address:
        return failed(
            f"{nodes} machines are told no address to meet at.",
            count,
            seen(f"{flag} is not set"),
            remedy=remedy,
        )
    if address.partition(":")[0].lower() in _HERE or address in _HERE:
        return failed(
            f"{nodes} machines are told to meet at {address}, which is each one itself.",
            count,
            seen(f"address = {address}"),
            remedy=remedy,
        )
    return passed(f"{nodes} machines are told one address to meet at.", count)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def start(address: str | None, nodes: int | None = 2, engine: str = "torchrun") -> Intent:
        spread = Parallel(processes=8, nodes=nodes, master_address=address)
        return Intent(engine=engine, parallel=spread)

    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=start(None), says="no address")
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(), intent=start("localhost"), says="one itself"
    )
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=start("127.0.0.1", 2, "vllm"))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=start("10.0.0.1"))
    outside = replace(start(None), variables={"PET_MASTER_ADDR": "10.0.0.1"})
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=outside)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=start(None, 1))
    copied = replace(start(None), elsewhere=True)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=copied, says="where the copies")
    told = (Argument(written="--nnodes", name="nnodes", value="2"),)
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=replace(copied, arguments=told))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=start(None, 2, "deepspeed"))
