"""Whether a container is handed GPUs, in the ways in which that is written."""

import pytest

from firstmile.check.checks.container_is_given_no_gpus import judge
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.verdicts import Verdict
from firstmile.check.worlds import gpu, machine, world
from firstmile.findings import Outcome

_SERVICE = "services:\n  llm:\n    image: vllm/vllm-openai\n    command: --model m\n"


def _judged(command: str, compose: str = "") -> Verdict:
    files = {"compose.yaml": _SERVICE + compose}
    typed = Command(words=tuple(words_of(command)), read_text=files.get)
    intent = read_command(typed)
    assert intent is not None
    return judge(world(environment=machine(gpus=[gpu()])), intent)


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        ("docker run --rm vllm/vllm-openai --model m", "docker run --gpus all"),
        ("podman run vllm/vllm-openai --model m", "podman run --device nvidia.com/gpu=all"),
        ("apptainer exec x.sif vllm serve m", "apptainer exec --nv"),
    ],
)
def test_without_gpus_the_way_to_give_them_is_named(command: str, remedy: str) -> None:
    said = _judged(command)
    assert said.outcome is Outcome.WARN
    assert said.remedy == f"Give it GPUs: {remedy}"


@pytest.mark.parametrize(
    "command",
    [
        "docker run --gpus all vllm/vllm-openai --model m",
        "docker run --runtime=nvidia vllm/vllm-openai --model m",
        "podman run --device nvidia.com/gpu=all vllm/vllm-openai --model m",
        "apptainer exec --nv x.sif vllm serve m",
        "srun --container-image x.sqsh vllm serve m",
    ],
)
def test_each_way_of_giving_gpus_is_known(command: str) -> None:
    assert _judged(command).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("compose", "outcome"),
    [
        ("", Outcome.WARN),
        ("    gpus: all\n", Outcome.PASS),
        ("    gpus:\n      - driver: nvidia\n        count: all\n", Outcome.PASS),
        ("    devices: [nvidia.com/gpu=all]\n", Outcome.PASS),
        ("    devices: [/dev/fuse]\n", Outcome.WARN),
        ("    runtime: nvidia\n", Outcome.PASS),
        (
            "    deploy:\n      resources:\n        reservations:\n          devices:\n"
            "            - {driver: nvidia, count: 1, capabilities: [gpu]}\n",
            Outcome.PASS,
        ),
    ],
)
def test_each_way_of_a_compose_file_is_known(compose: str, outcome: Outcome) -> None:
    assert _judged("docker compose up", compose).outcome is outcome
