"""`docker run IMAGE ...` and `podman run`: the container, and the command within it.

Known are the images of vLLM, SGLang, text-generation-inference, Ollama and llama.cpp.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, joined, parted
from firstmile.check.container import (
    contained,
    local_port_of,
    mount_of,
    port_of,
    size_of,
    started_by,
)
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Container, Intent, NamedFile
from firstmile.check.unknown_words import shown

_PROGRAMS: Final = ("docker", "podman", "nerdctl")
_GRAMMAR: Final = Grammar(underscores=False, attached=True, first_word_ends=True)
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --gpus --shm-size --ipc --network|--net --name --entrypoint --memory|-m --memory-swap
        --memory-reservation --runtime --restart --hostname|-h --user|-u --workdir|-w --pull
        --platform --cpus --cpuset-cpus --cpuset-mems --cpu-shares|-c --pid --uts --userns
        --log-driver --health-cmd --health-interval --health-timeout --health-retries
        --health-start-period --stop-signal --stop-timeout --cgroupns --isolation --ip --mac-address
        --oom-score-adj --pids-limit --cidfile --domainname --detach-keys
        --cgroup-parent --blkio-weight --kernel-memory --memory-swappiness --volume-driver
        """,
    ),
    *flags(
        Takes.REPEATED,
        """
        --env|-e --env-file --volume|-v --mount --publish|-p --device --add-host --cap-add
        --cap-drop --security-opt --ulimit --label|-l --tmpfs --dns --expose --group-add
        --log-opt --link --sysctl --device-cgroup-rule --attach|-a --volumes-from
        --network-alias --storage-opt --annotation --secret
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --rm --interactive|-i --tty|-t --detach|-d --init --privileged --read-only
        --publish-all|-P --no-healthcheck --oom-kill-disable --quiet|-q
        --disable-content-trust --replace
        """,
    ),
)


def reads(command: Command) -> bool:
    """Tell `docker run`; `docker compose` is not meant."""
    return command.program in _PROGRAMS and command.words[1:2] != ("compose",)


def read(command: Command) -> Intent:
    """Read the flags of the container, and the command within."""
    words = command.words[1:]
    if words[:1] == ("container",):
        words = words[1:]
    if words[:1] not in (("run",), ("create",)):
        name = words[0] if words else ""
        return Intent(unread=(shown(f"{command.program} {name} (it is not read)"),))
    said = take_apart(words[1:], FLAGS, _GRAMMAR)
    get = said.values.get
    unread = list(said.unread)
    files: list[NamedFile] = []
    variables: dict[str, str] = {}
    for path in get("env_file", ()):
        text = command.read_text(path)
        files += command.file(path)
        if text is None:
            unread.append(shown(f"--env-file {path} (it cannot be read)"))
        lines = (line.strip() for line in (text or "").splitlines())
        _add(variables, command, tuple(line for line in lines if line and line[0] != "#"))
    _add(variables, command, get("env", ()))
    image = said.rest[0] if said.rest else None
    container = _container(get, image)
    entrypoint = parted(str(get("entrypoint"))) if get("entrypoint") else []
    inner = started_by(image or "", said.rest[1:], entrypoint)
    found = contained(command, container, inner, variables, unread)
    outer = Intent(arguments=said.arguments, files=tuple(files))
    return replace(joined(outer, found), variables={**variables, **found.variables})


def _add(variables: dict[str, str], command: Command, pairs: tuple[str, ...]) -> None:
    """Add `NAME=value`, and `NAME` alone with the value it has outside."""
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if equals:
            variables[name] = value
        elif name in command.variables:
            variables[name] = command.variables[name]


def _container(get: Any, image: str | None) -> Container:
    shm, memory = get("shm_size"), get("memory")
    mounts = [mount_of(each) for each in get("volume", ())]
    mounts += [_long_mount(each) for each in get("mount", ())]
    published = get("publish", ())
    ports = [port_of(each) for each in published]
    local = (local_port_of(each) for each in published)
    return Container(
        image=image,
        gpus=get("gpus"),
        shared_memory_bytes=size_of(shm) if shm else None,
        memory_bytes=size_of(memory) if memory else None,
        host_ipc=None if get("ipc") is None else get("ipc") == "host",
        host_network=None if get("network") is None else get("network") == "host",
        privileged=get("privileged"),
        runtime=get("runtime"),
        local_ports=tuple(each for each in local if each is not None),
        workdir=get("workdir"),
        mounts=tuple(each for each in mounts if each is not None),
        volumes=tuple(_volumes(get)),
        ports=tuple(each for each in ports if each is not None),
    )


def _volumes(get: Any) -> Iterator[str]:
    """Yield where volumes that Docker keeps, and those of other containers, lie inside."""
    for each in get("volume", ()):
        if mount_of(each) is None:
            name, colon, inside = each.partition(":")
            yield inside.partition(":")[0] if colon else name
    for each in get("mount", ()):
        if _long_mount(each) is None or "type=bind" not in each:
            parts = dict(part.partition("=")[::2] for part in each.split(","))
            yield parts.get("target") or parts.get("destination") or parts.get("dst") or "/"
    if get("volumes_from"):
        yield "/"


def _long_mount(text: str) -> tuple[str, str] | None:
    """Return a mount written as `type=bind,source=/a,target=/b`."""
    parts = dict(part.partition("=")[::2] for part in text.split(","))
    source = parts.get("source") or parts.get("src")
    target = parts.get("target") or parts.get("destination") or parts.get("dst")
    return (source, target) if source and target and target.startswith("/") else None


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="docker run --gpus all --shm-size 16g --ipc=host -it --rm -p 8000:8000 "
        "-v /data/models:/models -e CUDA_VISIBLE_DEVICES=1 -eHF_HUB_OFFLINE=1 "
        "vllm/vllm-openai:latest --model /models/llama --tensor-parallel-size 2",
        expects={
            "action": Action.SERVE,
            "engine": "vllm",
            "model": "/data/models/llama",
            "parallel.tensor": 2,
            "devices": (1,),
            "container.shared_memory_bytes": 16 * 1024**3,
            "container.host_ipc": True,
            "container.gpus": "all",
            "container.ports": ((8000, 8000),),
            "variables": {"CUDA_VISIBLE_DEVICES": "1", "HF_HUB_OFFLINE": "1"},
            "unread": (),
        },
    )
    yield Reading(
        command="CUDA_VISIBLE_DEVICES=3 docker run --gpus '\"device=0,2\"' lmsysorg/sglang:latest "
        "python3 -m sglang.launch_server --model-path m --tp 2",
        expects={"engine": "sglang", "devices": (0, 2), "parallel.tensor": 2, "variables": {}},
    )
    yield Reading(
        command="docker run --runtime nvidia -e NVIDIA_VISIBLE_DEVICES=1,2 vllm/vllm-openai "
        "--model m",
        expects={"devices": (1, 2)},
    )
    yield Reading(
        command="docker run --gpus all -e NVIDIA_VISIBLE_DEVICES=1 vllm/vllm-openai --model m",
        expects={"devices": None},
    )
    yield Reading(
        command="podman run -d --gpu all ollama/ollama",
        expects={
            "engine": "ollama",
            "action": Action.SERVE,
            "unread": ("--gpu (did you mean --gpus?) all",),
        },
    )
    yield Reading(
        command="docker run --entrypoint python3 mine -m vllm.entrypoints.openai.api_server "
        "--model m",
        expects={"engine": "vllm", "model": "m"},
    )
    yield Reading(
        command="docker run -p 127.0.0.1:8080:8080 -v /m:/m ghcr.io/ggml-org/llama.cpp:full-cuda "
        "--server -m /m/a.gguf --host 0.0.0.0",
        expects={
            "engine": "llama.cpp",
            "action": Action.SERVE,
            "model": "/m/a.gguf",
            "container.local_ports": (8080,),
            "unread": (),
        },
    )
    yield Reading(
        command="docker run -v models:/models -v ./b:/b --mount type=volume,src=c,dst=/c "
        "vllm/vllm-openai --model ./l8b",
        expects={
            "model": "./l8b",
            "container.volumes": ("/models", "/c"),
        },
    )
    yield Reading(
        command="docker run mine:1", expects={"unread": ("mine:1 (what it starts is not known)",)}
    )
