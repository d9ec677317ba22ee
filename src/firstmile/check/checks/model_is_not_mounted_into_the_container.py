"""A model that is named by its path is mounted into the container that runs it.

Why: a container sees none of the machine's folders but those that it is given. The published images
of engines hold no models: `docker run vllm/vllm-openai --model ./model` looks for ./model in the
image, takes the name for one of the Hub, and ends in "Repo id must be in the form ...", "is not a
local folder and is not a valid model identifier", or with llama.cpp "failed to open GGUF file".

Fix: mount the folder and name the model as it lies inside: -v "$PWD/model:/model" in front of the
image (under `volumes:` in a compose file), --model /model behind it.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.container import is_composed, on_this_machine
from firstmile.check.intent import Action, Container, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    references=(
        "https://docs.docker.com/engine/storage/bind-mounts/",
        "https://docs.vllm.ai/en/stable/deployment/docker/",
    ),
)
_WITHOUT_MODELS: Final = re.compile(
    r"(?:docker\.io/)?(?:vllm/vllm-openai|lmsysorg/sglang)(?:[:@].{0,200})?"
    r"|ghcr\.io/(?:huggingface/text-generation-inference|ggml-org/llama\.cpp)(?:[:@].{0,200})?"
)
"""Images as their makers publish them."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask whether a path of the command leads to anything that was mounted."""
    container, model = intent.container, intent.model
    if container is None:
        return does_not_apply("no container is started")
    if model is None or not model.startswith(("/", "./", "../", "~")):
        return does_not_apply("the command names no model by its path")
    if on_this_machine(model, container):
        return passed("The model lies in a folder that is mounted.", seen(f"model = {model}"))
    if container.image is None or not _WITHOUT_MODELS.fullmatch(container.image):
        return not_known("whether the image brings the model along")
    if container.volumes is None or any(_may_hold(each, model) for each in container.volumes):
        return not_known("what lies in the volumes of the container")
    if any(_may_lead_to(inside, model) for _, inside in container.mounts):
        return not_known("the folder that the image starts in")
    name = model.rstrip("/").rpartition("/")[2]
    plain = name if re.fullmatch(r"[\w.-]{1,100}", name) and name.strip(".") else "MODEL"
    inside = ", ".join(each for _, each in container.mounts) or "nothing"
    return failed(
        f"The container has no {model}: no folder that it is given holds it.",
        seen(f"mounted: {inside}"),
        seen(f"image = {container.image}"),
        remedy=f'Mount its folder by "FOLDER:/{plain}" among the volumes of the service, and name '
        f"the model /{plain} in its command."
        if is_composed(intent)
        else f'Mount its folder by -v "FOLDER:/{plain}" in front of the image, and name the '
        f"model /{plain} behind it.",
    )


def _may_hold(volume: str, model: str) -> bool:
    """Say whether a volume may hold a path; a relative one leads from wherever the image starts."""
    root = volume.rstrip("/")
    return not model.startswith("/") or model == root or model.startswith(f"{root}/")


def _may_lead_to(inside: str, model: str) -> bool:
    """Say whether a relative path may begin with what is mounted into the image's own folder."""
    first = next((part for part in model.split("/") if part.strip(".")), "")
    return not model.startswith(("/", "~")) and inside.rstrip("/").endswith(f"/{first}")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(model: str, image: str = "vllm/vllm-openai:latest") -> Intent:
        box = Container(image=image, mounts=(("/data", "/models"),), volumes=())
        return Intent(action=Action.SERVE, engine="vllm", model=model, container=box)

    def example(outcome: Outcome, intent: Intent, says: str = "") -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    yield example(Outcome.FAIL, of("./l8b"), "has no ./l8b")
    yield example(Outcome.FAIL, of("/modle"), "has no /modle")
    llama = "ghcr.io/ggml-org/llama.cpp:server-cuda"
    yield example(Outcome.FAIL, of("/m/a.gguf", llama), "has no /m/a.gguf")
    yield example(Outcome.PASS, of("/data/l8b"))
    yield example(Outcome.SKIP, of("/opt/model", "mine/vllm:1"), "brings the model along")
    yield example(Outcome.SKIP, of("Qwen/Qwen3-8B"), "by its path")
    yield example(Outcome.SKIP, replace(of("./l8b"), container=None), "no container")
    kept = replace(of("/models/l8b"), container=Container(image=llama, volumes=("/models",)))
    yield example(Outcome.SKIP, kept, "volumes")
    yield example(Outcome.SKIP, of("./models/l8b"), "starts in")
    file = replace(of("/m"), command="docker compose up")
    yield example(Outcome.FAIL, file, "has no /m")
    composed = replace(of("/m"), container=Container(image=llama))
    yield example(Outcome.SKIP, composed, "volumes")
    shell = replace(of("./l8b"), container=Container(image="vllm.sif", keeps_variables=True))
    yield example(Outcome.PASS, shell)
