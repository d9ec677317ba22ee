"""`docker compose up [SERVICE]`: the service whose command can be read, with its container.

Without `-f` the file is looked for by its usual names. Of several services that can be read the
first is, or the one that is named; the others are said to be unread.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading
from firstmile.check.container import (
    contained,
    is_of_a_gpu,
    local_port_of,
    mount_of,
    port_of,
    size_of,
    started_by,
    variables_of_file,
    words_of_command,
)
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Container, Intent
from firstmile.check.places import placed
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown
from firstmile.check.written_files import fields_of
from firstmile.facts.machine import UnreadableError

_RESERVED: Final = ("deploy", "resources", "reservations", "devices")
_FILES: Final = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
)
_FLAGS: Final[tuple[Flag, ...]] = (
    *flags(Takes.REPEATED, "--file|-f --profile --env-file --scale"),
    *flags(
        Takes.TEXT,
        "--project-name|-p --project-directory --progress --ansi --timeout|-t --pull"
        " --wait-timeout --exit-code-from --parallel --attach --no-attach",
    ),
    *flags(
        Takes.SWITCH,
        "--detach|-d --build --wait --remove-orphans --force-recreate --no-recreate --no-deps"
        " --no-build --no-start --abort-on-container-exit --quiet-pull --no-color --no-log-prefix"
        " --timestamps --watch|-w --menu --renew-anon-volumes|-V --compatibility --yes|-y --rm",
    ),
)
_FROM_ELSEWHERE: Final = ("build", "extends", "configs", "develop")
_MOST_SERVICES: Final = 50
_VARIABLE: Final = re.compile(
    r"\$(?:\$|([A-Za-z_][A-Za-z0-9_]{0,100})"
    r"|\{([A-Za-z_][A-Za-z0-9_]{0,100})(?::?[-?]([^{}$]{0,1000}))?\})"
)


def reads(command: Command) -> bool:
    """Tell `docker compose` and `docker-compose`."""
    if command.program == "docker-compose":
        return True
    return command.program in ("docker", "podman") and command.words[1:2] == ("compose",)


def read(command: Command) -> Intent:
    """Read the file, and the service that is meant."""
    words = command.words[1 if command.program == "docker-compose" else 2 :]
    said = take_apart(words, _FLAGS, Grammar(underscores=False, attached=True))
    unread = list(said.unread)
    verb, *named = said.positional or ("",)
    if verb not in ("up", "run", "start", "create"):
        return Intent(unread=(*unread, shown(f"docker compose {verb} (it is not read)")))
    paths = (
        said.values.get("file")
        or [path for path in _FILES if command.read_text(path) is not None][:1]
    )
    services: dict[str, Any] = {}
    folder = posixpath.dirname(paths[0]) if paths else ""
    folder = str(said.values.get("project_directory") or folder)
    dotenv = variables_of_file(command.read_text(posixpath.join(folder, ".env")) or "")
    for path in said.values.get("env_file", ()):
        dotenv |= variables_of_file(command.read_text(path) or "")
    command = replace(command, variables={**dotenv, **command.variables})
    if not paths:
        unread.append(f"docker compose (there is none of {', '.join(_FILES)})")
    files = tuple(one for path in said.values.get("file", ()) for one in command.file(path))
    for path in paths:
        try:
            tree = fields_of(path, command.read_text, yaml=True)
        except UnreadableError as error:
            unread.append(shown(f"{path} ({error})"))
            continue
        found = tree.get("services")
        for name, about in found.items() if isinstance(found, Mapping) else ():
            if isinstance(about, Mapping):
                filled = _filled(about, command.variables)
                services[str(name)] = {**services.get(str(name), {}), **filled}
    intent = _of_services(command, services, named, folder)
    return replace(
        intent,
        arguments=said.arguments,
        files=(*files, *intent.files),
        unread=(*unread, *intent.unread),
    )


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    """Return a tree of a file with `$NAME` and `${NAME:-else}` in its texts put in."""

    def one(found: re.Match[str]) -> str:
        name, default = found[1] or found[2], found[3]
        return "$" if name is None else variables.get(name) or default or ""

    if isinstance(value, str):
        return _VARIABLE.sub(one, value)
    if isinstance(value, Mapping):
        return {key: _filled(each, variables) for key, each in value.items()}
    return [_filled(each, variables) for each in value] if isinstance(value, list) else value


def _of_services(
    command: Command, services: Mapping[str, Any], named: Sequence[str], folder: str
) -> Intent:
    asked = [name for name in named if name in services] or list(services)[:_MOST_SERVICES]
    read = {name: _service(command, services[name], folder) for name in asked}
    best = next((name for name in read if read[name].engine is not None), None)
    others = [name for name in named if name not in services]
    if best is None:
        unread = [each for one in read.values() for each in one.unread]
        return Intent(unread=(*map(shown, others), *unread))
    others += [f"service {name} (only {best} is read)" for name in read if name != best]
    return replace(read[best], unread=(*read[best].unread, *map(shown, others)))


def _service(command: Command, about: Mapping[str, Any], folder: str) -> Intent:
    get = Settings(about)
    image = get.text("image")
    variables = _of_files(command, about.get("env_file"), folder, get.unread)
    variables |= _environment(about.get("environment"), command.variables)
    shm, memory = get.text("shm_size"), get.text("mem_limit")
    gpus, devices = _gpus(about)
    published = tuple(_ports(about.get("ports")))
    container = Container(
        image=image,
        gpus=gpus,
        shared_memory_bytes=size_of(shm) if shm else None,
        memory_bytes=size_of(memory) if memory else None,
        host_ipc=None if get.text("ipc") is None else get.text("ipc") == "host",
        host_network=None
        if get.text("network_mode") is None
        else get.text("network_mode") == "host",
        privileged=get.truth("privileged"),
        runtime=get.text("runtime"),
        mounts=tuple(
            (placed(outside, folder), inside) for outside, inside in _mounts(about.get("volumes"))
        ),
        ports=tuple(port for port, _ in published),
        local_ports=tuple(port[0] for port, is_local in published if is_local),
        workdir=get.text("working_dir"),
        volumes=_volumes(about),
    )
    words = started_by(
        image or "",
        words_of_command(about.get("command")),
        words_of_command(about.get("entrypoint")),
    )
    found = contained(command, container, words, variables, tuple(get.unread))
    if found.devices is None and devices:
        found = replace(found, devices=devices)
    return replace(found, variables={**variables, **found.variables})


def _of_files(command: Command, value: Any, folder: str, unread: list[str]) -> dict[str, str]:
    """Return the variables of a service's `env_file`: one, several, or with their `path`."""
    found: dict[str, str] = {}
    for each in value if isinstance(value, list) else [value] if value else []:
        path = str(each.get("path") if isinstance(each, Mapping) else each)
        text = command.read_text(placed(path, folder))
        if text is None:
            unread.append(shown(f"env_file {path} (it cannot be read)"))
        found |= variables_of_file(text or "")
    return found


def _environment(value: Any, outside: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are set; one without a value has that which it has outside."""
    if isinstance(value, Mapping):
        given = {
            str(name): None if each is None else _as_text(each) for name, each in value.items()
        }
    else:
        pairs = [str(each).partition("=") for each in value] if isinstance(value, list) else []
        given = {name: text if equals else None for name, equals, text in pairs}
    found = {name: outside.get(name) if text is None else text for name, text in given.items()}
    return {name: text for name, text in found.items() if text is not None}


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _gpus(about: Mapping[str, Any]) -> tuple[str | None, tuple[int, ...]]:
    """Return the GPUs that are asked for, of `gpus` or of the reservations of `deploy`."""
    if isinstance(about.get("gpus"), str):
        return about["gpus"], ()
    plain = about.get("devices")
    if any(is_of_a_gpu(str(each)) for each in (plain if isinstance(plain, list) else ())):
        return "all", ()
    tree: Any = {"gpus": about.get("gpus")} if about.get("gpus") else about
    for step in ("gpus",) if tree is not about else _RESERVED:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    for device in tree if isinstance(tree, list) else ():
        if not isinstance(device, Mapping):
            continue
        ids = device.get("device_ids")
        if isinstance(ids, list) and all(str(each).isdecimal() for each in ids):
            numbers = tuple(int(str(each)[:6]) for each in ids)
            return f"device={','.join(map(str, numbers))}", numbers
        if device.get("count") is not None:
            return str(device["count"]), ()
        return "all", ()
    return None, ()


def _mounts(value: Any) -> Iterator[tuple[str, str]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, str):
            found = mount_of(each)
            if found is not None:
                yield found
        elif isinstance(each, Mapping) and each.get("target"):
            source = str(each.get("source"))
            if source.startswith(tuple("/.~$")):
                yield source, str(each["target"])


def _volumes(about: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return where volumes lie inside that Docker keeps, or other containers bring.

    None where a build or another file may bring what nobody sees here.
    """
    if any(about.get(each) for each in _FROM_ELSEWHERE):
        return None
    found = ["/"] if about.get("volumes_from") else []
    said = about.get("volumes")
    for each in said if isinstance(said, list) else ():
        if next(_mounts([each]), None) is not None:
            continue
        if isinstance(each, Mapping):
            found.append(str(each.get("target") or "/"))
        else:
            name, colon, inside = str(each).partition(":")
            found.append(inside.partition(":")[0] if colon else name)
    return tuple(found)


def _ports(value: Any) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield the ports that are published, and whether only the machine itself can reach them."""
    for each in value if isinstance(value, list) else ():
        written = each
        if isinstance(each, Mapping):
            address = f"{each['host_ip']}:" if each.get("host_ip") else ""
            written = f"{address}{each.get('published')}:{each.get('target')}"
        found = port_of(written) if isinstance(written, str) else None
        if found is not None:
            yield found, local_port_of(str(written)) is not None


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    file = (
        "services:\n"
        "  web: {image: nginx}\n"
        "  llm:\n"
        "    image: vllm/vllm-openai:v0.11.0\n"
        "    command: --model /models/m --max-model-len 8192\n"
        "    shm_size: 8gb\n"
        "    ipc: host\n"
        "    ports: ['8000:8000']\n"
        "    volumes: ['./models:/models:ro']\n"
        "    environment: {VLLM_USE_V1: 1, HF_HUB_OFFLINE: '1'}\n"
        "    deploy:\n"
        "      resources: {reservations: {devices: [{driver: nvidia, device_ids: ['0', '1']}]}}\n"
    )
    yield Reading(
        command="docker compose up -d",
        files={"docker-compose.yml": file},
        expects={
            "action": Action.SERVE,
            "engine": "vllm",
            "model": "./models/m",
            "context": 8192,
            "devices": (0, 1),
            "container.shared_memory_bytes": 8 * 1024**3,
            "container.host_ipc": True,
            "variables": {"VLLM_USE_V1": "1", "HF_HUB_OFFLINE": "1"},
            "unread": ("service web (only llm is read)",),
        },
    )
    yield Reading(
        command="docker-compose -f deploy/other.yaml up llm",
        files={
            "deploy/other.yaml": file.replace("models/m", "models/${NAME:-m}"),
            "deploy/.env": "NAME='n'",
        },
        expects={"engine": "vllm", "model": "deploy/./models/n", "unread": ()},
    )
    kept = (
        "services:\n"
        "  llm:\n"
        "    image: vllm/vllm-openai\n"
        "    command: --model /models/m\n"
        "    volumes: ['kept:/models', './b:/b', {type: volume, source: c, target: /c}, /d]\n"
    )
    yield Reading(
        command="docker compose up",
        files={"compose.yaml": kept},
        expects={
            "container.volumes": ("/models", "/c", "/d"),
            "container.mounts": (("./b", "/b"),),
        },
    )
    yield Reading(
        command="docker compose up",
        files={"compose.yaml": kept.replace("image:", "build: .\n    image:")},
        expects={"container.volumes": None},
    )
    shared = kept.replace("image:", "runtime: nvidia\n    image:")
    yield Reading(
        command="docker compose up",
        files={"compose.yaml": shared + "    environment: {NVIDIA_VISIBLE_DEVICES: '0,1'}\n"},
        expects={"devices": (0, 1), "container.runtime": "nvidia"},
    )
    yield Reading(
        command="docker compose down",
        expects={"unread": ("docker compose down (it is not read)",)},
    )
