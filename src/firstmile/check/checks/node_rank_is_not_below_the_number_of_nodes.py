"""The rank of a machine counts from 0 and lies below the number of machines.

Why: machines of a run are numbered from 0. Who counts from 1 leaves 0 out, where all others meet,
and gives the last one a number that does not exist: torchrun and accelerate wait, or end in
"rank should be less than world_size".

Fix: set the ranks 0, 1, ... up to one less than the number of machines, each once.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="distributed/communication",
    entries=("a-node-did-not-come-to-the-rendezvous",),
    references=("https://docs.pytorch.org/docs/stable/elastic/run.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the rank with the number."""
    rank, nodes = intent.parallel.node_rank, intent.parallel.nodes
    if rank is None:
        return does_not_apply("the command names no rank of the machine")
    if nodes is None and any(each.name == "config_file" for each in intent.arguments):
        return not_known("the number of machines, which the file of the launcher may state")
    proof = [seen(f"node rank = {rank}"), seen(f"machines = {nodes or 1}")]
    if rank < 0 or rank >= (nodes or 1):
        most = (nodes or 1) - 1
        return failed(
            f"A rank of {rank} does not exist among {nodes or 1} "
            f"{'machine' if most == 0 else 'machines'}.",
            *proof,
            remedy=f"Set a rank from 0 to {most}." if most else "Set the number of machines too.",
        )
    return passed(f"The machine is number {rank} of {nodes or 1}, counted from 0.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def start(rank: int | None, nodes: int | None) -> Intent:
        return Intent(engine="torchrun", parallel=Parallel(node_rank=rank, nodes=nodes))

    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=start(2, 2), says="rank of 2")
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=start(1, None))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=start(1, 2))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=start(0, None))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=start(None, 2))
    file = Argument(written="--config_file", name="config_file", value="many.yaml")
    hidden = replace(start(1, None), arguments=(file,))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=hidden, says="not known")
