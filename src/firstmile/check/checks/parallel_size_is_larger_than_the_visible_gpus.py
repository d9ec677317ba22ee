"""A server finds as many GPUs as its parallel sizes multiply up to.

Why: tensor, pipeline and data parallel sizes multiply, and each rank wants a GPU of its own. vLLM
ends in "World size (8) is larger than the number of available GPUs (4) in this node"; under Ray it
waits without end for "No available node types can fulfill resource request". CUDA_VISIBLE_DEVICES
hides GPUs that nvidia-smi shows.

Fix: lower the sizes, make more GPUs visible, or add machines by --nnodes, or by a Ray cluster.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.counting import counted, share
from firstmile.check.intent import Action, Argument, Intent, Parallel
from firstmile.check.model_sizes import sizes_of, written
from firstmile.check.precision import has_no_gpu
from firstmile.check.ranks import (
    SERVERS,
    devices_here,
    nearest,
    parts_of_heads,
    ranks_of,
    visible_gpus,
)
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.environment import Variable
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="distributed/model-parallelism",
    stage="inference",
    entries=("ray-has-fewer-gpus-than-the-parallel-size",),
    references=("https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",),
)

_FLAGS: Final = {"text-generation-inference": "--num-shard", "lmdeploy": "--tp"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the ranks of one machine with the GPUs that it may use."""
    if intent.engine not in SERVERS:
        return does_not_apply("the engine starts no ranks by itself")
    ranks = ranks_of(intent)
    if ranks <= 1:
        return does_not_apply("the command asks for one device")
    if snapshot.environment is not None and has_no_gpu(snapshot):
        return does_not_apply("the machine has no GPU: the ranks run elsewhere, or on processors")
    gpus = visible_gpus(snapshot, intent)
    if gpus is None:
        return not_known("how many GPUs are visible")
    nodes = max(intent.parallel.nodes or 1, 1)
    here = devices_here(intent)
    parallel = intent.parallel
    proof = [
        seen(f"{name} parallel size = {size}")
        for name, size in (
            ("tensor", parallel.tensor),
            ("pipeline", parallel.pipeline),
            ("data", parallel.data),
        )
        if size is not None and size > 1
    ]
    there = seen(
        f"{share(len(gpus), len(snapshot.environment.gpus), 'GPU', 'is', 'are')} visible"
        if snapshot.environment
        else "no GPUs"
    )
    proof.append(there)
    if nodes > 1:
        proof.append(seen(f"nnodes = {nodes}"))
    if here <= len(gpus):
        return passed(
            f"{counted(len(gpus), 'GPU is', 'GPUs are')} there for "
            f"{counted(here, 'rank')} on this machine.",
            *proof,
        )
    ray = written(intent, "distributed_executor_backend", "data_parallel_backend") == "ray"
    said = (
        f"{counted(here, 'rank wants a GPU', 'ranks want a GPU each')} on this machine, which has "
        f"{len(gpus)} to use"
    )
    if ray:
        return warned(
            f"{said}: the others must come from machines that have joined Ray.",
            *proof,
            remedy="Look with ray status whether the cluster has them all, before the server "
            "starts.",
        )
    of_one = max(ranks // (parallel.data or 1), 1)
    has_copies = of_one < ranks and intent.engine != "lmdeploy"
    if has_copies and of_one <= len(gpus) and nodes == 1:
        copies = f"Set --data-parallel-size {len(gpus) // of_one}, or make more GPUs visible."
        return failed(f"{said}.", *proof, remedy=copies)
    fits = _size(snapshot, intent, max(len(gpus), 1))
    return failed(
        f"{said}.",
        *proof,
        remedy=f"Set {_FLAGS.get(intent.engine or '', '--tensor-parallel-size')} {fits}"
        f"{' and leave the other sizes out' if ranks != (parallel.tensor or 1) else ''}, or make "
        "more GPUs visible.",
    )


def _size(snapshot: Snapshot, intent: Intent, most: int) -> int:
    """Return the largest size that divides the heads, where they are known, among these GPUs."""
    sizes = sizes_of(snapshot)
    if sizes is None or not sizes.heads:
        return most
    shared = sizes.kv_heads if sizes.latent is None else None
    return nearest(parts_of_heads(sizes.heads, shared, most), intent.parallel.tensor or most)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    two = machine(gpus=[gpu(index=n) for n in range(2)])

    def over(engine: str = "vllm", **sizes: Any) -> Intent:
        return Intent(action=Action.SERVE, engine=engine, parallel=Parallel(**sizes))

    yield Example(
        outcome=Outcome.FAIL, snapshot=world(None, two), intent=over(tensor=4), says="4 ranks"
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(None, two), intent=over(tensor=2))
    for engine in ("text-generation-inference", "lmdeploy"):
        many = over(engine, tensor=4)
        yield Example(outcome=Outcome.FAIL, snapshot=world(None, two), intent=many, says="4 ranks")
    more = over("lmdeploy", tensor=1, data=4)
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, two), intent=more, says="4 ranks")
    shared = over("lmdeploy", tensor=2, data=2)
    yield Example(outcome=Outcome.PASS, snapshot=world(None, two), intent=shared)
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(None, two), intent=over(tensor=2, pipeline=2)
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(None, two), intent=over(tensor=4, nodes=2))
    six = machine(gpus=[gpu(index=n) for n in range(6)])
    llama = world(folder(config=LLAMA), six)
    yield Example(outcome=Outcome.FAIL, snapshot=llama, intent=over(tensor=8), says="which has 6")
    hidden = replace(over(tensor=2), devices=(0,))
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, two), intent=hidden, says="has 1")
    copies = over(data=4, tensor=1)
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(None, two), intent=copies, says="which has 2 to use"
    )
    backend = Argument(
        written="--distributed-executor-backend", name="distributed_executor_backend", value="ray"
    )
    ray = replace(over(tensor=4), arguments=(backend,))
    yield Example(outcome=Outcome.WARN, snapshot=world(None, two), intent=ray, says="joined Ray")
    attention = Argument(written="--enable-dp-attention", name="enable_dp_attention", value=None)
    shared = replace(over("sglang", tensor=2, data=2), arguments=(attention,))
    yield Example(outcome=Outcome.PASS, snapshot=world(None, two), intent=shared)
    named_by_id = replace(two, variables=(Variable(name="CUDA_VISIBLE_DEVICES", value="GPU-12ab"),))
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, named_by_id), intent=over(tensor=4))
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, two), intent=over(tensor=1))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(tensor=4), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, machine()), intent=over(tensor=4))
