"""A command in a container is judged by what holds there: not by this machine's Python."""

import pytest
from msgspec.structs import replace

from firstmile.check.command import Command, Reading, read_command
from firstmile.check.inside import as_seen_by
from firstmile.check.installed import package_of, python_of, value_of
from firstmile.check.intent import Container, Intent
from firstmile.check.machine_worlds import computer, package, room
from firstmile.check.running import judge_all
from firstmile.check.unit import find_checks, load_check
from firstmile.check.verdicts import is_not_known
from firstmile.check.worlds import LLAMA, file, folder, gpu, world
from firstmile.facts.environment import Variable
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

RUN = (
    "docker run --gpus all --ipc=host -p 8000:8000 -v /models:/models -e HF_HUB_OFFLINE=0 "
    "vllm/vllm-openai:v0.11.0 --model /models/m --tensor-parallel-size 1"
)


def intended(text: str, **variables: str) -> Intent:
    """Return what a command line intends beside variables of this machine."""
    found = read_command(replace(Reading(command=text, expects={}).typed, variables=variables))
    assert found is not None
    return found


def old_host() -> Snapshot:
    """Return a machine whose own Python could run nothing of today."""
    made = computer(
        package("torch", "1.13.1+cpu"),
        package("transformers", "4.20.0"),
        package("numpy", "2.2.0"),
        gpus=[gpu()],
        variables=[
            Variable(name="HF_HUB_OFFLINE", value="1"),
            Variable(name="CUDA_VISIBLE_DEVICES", value=""),
            Variable(name="PYTHONPATH", value="/elsewhere", exists=False),
        ],
        libc="glibc 2.17",
        folders=[room("Hugging Face cache", free_gib=0.1)],
        cached=(),
    )
    config = {**LLAMA, "model_type": "qwen3"}
    return world(folder(config=config, files=[file("model.safetensors", 10**9)]), made)


def test_nothing_of_the_hosts_python_and_variables_fails_a_container() -> None:
    snapshot, intent = old_host(), intended(RUN)
    checks = [one for one in find_checks() if one.ABOUT.cause.startswith(("environment/", "api/"))]
    on_the_host = judge_all(checks, snapshot, replace(intent, container=None))
    assert sum(each.outcome is Outcome.FAIL for each in on_the_host) >= 2
    inside = judge_all(checks, snapshot, intent)
    grave = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)
    assert [each.message for each in inside if each.outcome in grave] == []
    reasons = [each.message for each in inside if is_not_known(each)]
    assert any("container" in each for each in reasons)


def test_driver_and_memory_of_the_host_hold_in_a_container() -> None:
    snapshot, intent = old_host(), intended(RUN)
    inside = as_seen_by(snapshot, intent)
    assert inside.environment is not None
    assert snapshot.environment is not None
    assert inside.environment.gpus == snapshot.environment.gpus
    assert inside.environment.memory == snapshot.environment.memory
    assert inside.environment.cuda is not None
    assert inside.environment.cuda.driver == "550.54.15"
    assert python_of(inside) is None
    assert package_of(inside, "torch") is None


def test_only_variables_that_are_handed_over_hold_in_a_container() -> None:
    intent = intended(
        "docker run -e NCCL_DEBUG -e A=1 vllm/vllm-openai --model m",
        NCCL_DEBUG="INFO",
        CUDA_VISIBLE_DEVICES="3",
    )
    assert intent.variables == {"NCCL_DEBUG": "INFO", "A": "1"}
    assert intent.devices is None
    inside = as_seen_by(old_host(), intent)
    assert value_of(inside, intent, "HF_HUB_OFFLINE") is None
    assert value_of(inside, intent, "A") == "1"


@pytest.mark.parametrize("before", ["bash -c '{}'", "sudo {}", "nohup {}"])
def test_what_starts_a_container_hands_it_no_variables(before: str) -> None:
    found = intended(before.format("docker run vllm/vllm-openai --model m"), HF_HUB_OFFLINE="1")
    assert found.container is not None
    assert found.variables == {}


def test_enroot_hands_over_the_variables_outside() -> None:
    found = intended("srun --container-image=nvcr.io/x --nodes 1 vllm serve m", NCCL_DEBUG="INFO")
    assert found.container is not None
    assert found.variables["NCCL_DEBUG"] == "INFO"
    assert python_of(as_seen_by(old_host(), found)) is None


@pytest.mark.parametrize(
    ("mount", "shared"),
    [
        ("/home/me/.cache/huggingface", True),
        ("~/.cache/huggingface", True),
        ("/home/me/.cache", True),
        ("/home/me", False),
        ("/data/models", False),
    ],
)
def test_the_hub_cache_is_that_of_the_host_where_it_is_mounted(mount: str, shared: bool) -> None:
    cache = replace(room("Hugging Face cache"), path="~/.cache/huggingface/hub")
    made = computer(folders=[cache], cached=("key",))
    intent = Intent(container=Container(image="x", mounts=((mount, "/root/.cache/huggingface"),)))
    inside = as_seen_by(world(environment=made), intent)
    assert inside.environment is not None
    assert (inside.environment.cached_repositories is not None) is shared
    assert (inside.environment.folder("Hugging Face cache") is not None) is shared


@pytest.mark.parametrize(
    ("text", "packages", "fails"),
    [
        ("trl sft --model_name_or_path m --attn_implementation flash_attention_2", (), True),
        ("srun -N2 --gpus-per-node=8 trl sft --attn_implementation flash_attention_2", (), False),
        ("srun python -m sft_train --attn_implementation flash_attention_2", (), False),
        ("mpirun -H a,b trl sft --attn_implementation flash_attention_2", (), False),
        ("deepspeed --hostfile h sft.py --attn_implementation flash_attention_2", (), False),
        ("trl sft --attn_implementation flash_attention_2", ("torch-npu",), False),
    ],
)
def test_a_gpu_is_missing_only_where_the_run_has_none(
    text: str, packages: tuple[str, ...], fails: bool
) -> None:
    more = (package(each, "2.6.0") for each in packages)
    made = computer(package("flash-attn", "2.7.3"), package("transformers", "4.57.1"), *more)
    check = load_check("flash-attention-is-asked-for-but-not-installed")
    assert check is not None
    (found,) = judge_all([check], world(environment=replace(made, gpus=())), intended(text))
    assert (found.outcome is Outcome.FAIL) is fails


def test_the_memory_limit_is_that_of_the_container() -> None:
    intent = Intent(container=Container(image="x", memory_bytes=8 * GIB))
    inside = as_seen_by(world(environment=computer()), intent)
    assert inside.environment is not None
    assert inside.environment.cgroup is not None
    assert inside.environment.cgroup.memory_limit_bytes == 8 * GIB


def test_what_was_seen_once_stays_the_same() -> None:
    intent = Intent(container=Container(image="x"))
    once = as_seen_by(world(environment=computer()), intent)
    assert as_seen_by(once, intent) is once
    assert as_seen_by(once, Intent()) is once


def test_devices_inside_are_counted_among_those_that_were_handed_over() -> None:
    text = "docker run --gpus '\"device=2,3\"' -e CUDA_VISIBLE_DEVICES=1 vllm/vllm-openai --model m"
    assert intended(text).devices == (3,)
    assert intended(text.replace("VISIBLE_DEVICES=1", "VISIBLE_DEVICES=7")).devices == ()


def test_a_command_without_words_stays_unread() -> None:
    assert read_command(Command(words=())) is None


@pytest.mark.parametrize(
    ("text", "prefix", "is_known"),
    [
        ("/opt/venv/bin/vllm serve m", "/opt/venv", True),
        ("/opt/venv/bin/vllm serve m", "/home/me/other", False),
        ("/opt/venv/bin/python -m vllm.entrypoints.openai.api_server --model m", "/opt/x", False),
        ("/opt/venv/bin/torchrun sft.py", "/opt/x", False),
        (".venv/bin/python train.py", "/srv/app/.venv", True),
        ("../.venv/bin/python train.py", "/srv/app/.venv", True),
        (".venv/bin/python train.py", "/opt/x", False),
        ("/usr/local/bin/vllm serve m", "/usr", True),
        ("conda run -n serving vllm serve m", "/opt/conda/envs/serving", True),
        ("conda run -n serving vllm serve m", "/opt/conda", False),
        ("conda run -n base vllm serve m", "/opt/conda", True),
        ("conda run -p /envs/a vllm serve m", "/envs/b", False),
        ("vllm serve m", "/anything", True),
        ("bash -c '/opt/venv/bin/vllm serve m'", "/opt/x", False),
    ],
)
def test_packages_are_not_known_where_the_command_names_another_python(
    text: str, prefix: str, is_known: bool
) -> None:
    made = computer(package("torch", "2.6.0"))
    assert made.python is not None
    snapshot = world(environment=replace(made, python=replace(made.python, prefix=prefix)))
    assert (python_of(as_seen_by(snapshot, intended(text))) is not None) is is_known
