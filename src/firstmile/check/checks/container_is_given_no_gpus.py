"""A container in which a model runs is given the GPUs of the machine.

Why: docker hands GPUs on only where it is told (--gpus all) or where its daemon does so by itself,
podman by --device nvidia.com/gpu=all, apptainer by --nv. Without it the engine within finds none:
vLLM says "Failed to infer device type", torch "Found no NVIDIA driver on your system", and
llama.cpp or Ollama compute on the processor, many times slower, without an error.

Fix: docker run --gpus all, apptainer exec --nv (--rocm on AMD's cards), and in a compose file
deploy.resources.reservations.devices with the capability gpu.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.container import is_of_a_gpu
from firstmile.check.installed import named, value_of
from firstmile.check.intent import Argument, Container, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/device",
    cause="environment/system-architecture",
    entries=("no-gpu-is-visible-to-the-process",),
    references=(
        "https://docs.docker.com/engine/containers/gpu/",
        "https://apptainer.org/docs/user/main/gpu.html",
    ),
)
_REMEDIES: Final = {
    "apptainer": "apptainer exec --nv",
    "singularity": "singularity exec --nv",
    "podman": "podman run --device nvidia.com/gpu=all",
    "docker-compose": "deploy.resources.reservations.devices: [{driver: nvidia, count: all, "
    "capabilities: [gpu]}]",
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask whether a container that runs an engine is given what the machine has."""
    container = intent.container
    if container is None:
        return does_not_apply("no container is started")
    if intent.engine is None and not intent.trains:
        return does_not_apply("no engine is known to run in the container")
    environment = snapshot.environment
    if environment is None:
        return not_known("the GPUs of the machine")
    there = [each for each in environment.gpus if each.vendor == "NVIDIA"]
    if not there:
        return does_not_apply("the machine has no GPU of NVIDIA")
    devices = [one.value or "" for one in intent.arguments if one.name == "device"]
    given = next(
        (
            text
            for is_given, text in (
                (container.gpus is not None, f"gpus = {container.gpus}"),
                (container.runtime is not None, f"runtime = {container.runtime}"),
                (any(map(is_of_a_gpu, devices)), f"devices = {', '.join(devices)}"),
            )
            if is_given
        ),
        None,
    )
    if given is not None:
        return passed("The container is given GPUs.", seen(given))
    if intent.devices == () or value_of(snapshot, intent, "CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return does_not_apply("the command wants no GPU")
    return warned(
        f"The container is given none of the {len(there)} GPUs of the machine."
        if len(there) > 1
        else "The container is not given the GPU of the machine.",
        seen(named(there[0])),
        seen("nothing in the command hands a GPU on"),
        remedy=_remedy(intent),
    )


def _remedy(intent: Intent) -> str:
    words = (intent.command or "").split()
    if "compose" in words[:2]:
        words = ["docker-compose"]
    told = next((text for name, text in _REMEDIES.items() if name in words[:3]), None)
    return f"Give it GPUs: {told or 'docker run --gpus all'}"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    cards = world(environment=machine(gpus=[gpu()]))

    def of(outcome: Outcome, container: Container, device: str = "", says: str = "") -> Example:
        given = (Argument(written="--device", name="device", value=device),) if device else ()
        intent = Intent(
            engine="vllm",
            command="docker run --rm vllm/vllm-openai --model m",
            container=container,
            arguments=given,
        )
        return Example(outcome=outcome, snapshot=cards, intent=intent, says=says)

    bare = Container(image="vllm/vllm-openai")
    yield of(Outcome.WARN, bare, says="is not given the GPU")
    yield of(Outcome.WARN, bare, "/dev/fuse")
    yield of(Outcome.PASS, Container(image="vllm/vllm-openai", gpus="all"))
    yield of(Outcome.PASS, Container(image="vllm/vllm-openai", runtime="nvidia"))
    yield of(Outcome.PASS, bare, "nvidia.com/gpu=all")
    many = world(environment=machine(gpus=[gpu(index=place) for place in range(4)]))
    inside = Intent(engine="vllm", container=bare, command="apptainer exec x.sif vllm serve m")
    yield Example(outcome=Outcome.WARN, snapshot=many, intent=inside, says="none of the 4 GPUs")
    plain = world(environment=machine())
    yield Example(outcome=Outcome.SKIP, snapshot=plain, intent=inside, says="no GPU of NVIDIA")
    yield Example(outcome=Outcome.SKIP, snapshot=cards, intent=Intent(engine="vllm"))
    hidden = Intent(engine="vllm", container=bare, devices=())
    yield Example(outcome=Outcome.SKIP, snapshot=cards, intent=hidden, says="wants no GPU")
    other = Intent(container=Container(image="postgres"))
    yield Example(outcome=Outcome.SKIP, snapshot=cards, intent=other, says="no engine")
