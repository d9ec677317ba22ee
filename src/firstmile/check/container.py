"""Containers: what an image starts with its arguments, and what a container leaves visible."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from firstmile.check.command import (
    Command,
    ListFolder,
    is_assignment,
    joined,
    numbers_of,
    parted,
    program_of,
    read_started,
)
from firstmile.check.intent import Container, Intent
from firstmile.check.places import with_paths
from firstmile.check.unknown_words import shown

_ENTRYPOINTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"(?:^|/)vllm/vllm-openai", ("vllm", "serve")),
    (r"(?:^|/)huggingface/text-generation-inference", ("text-generation-launcher",)),
    (r"(?:^|/)ollama/ollama", ("ollama",)),
    (r"(?:^|/)llama\.cpp[^/]*:[^/]*server", ("llama-server",)),
    (r"(?:^|/)llama\.cpp[^/]*:[^/]*light", ("llama-cli",)),
)
"""What published images start by themselves; others start what they are given."""
_TOOLS: Final = {
    "--run": "llama-cli",
    "-r": "llama-cli",
    "--server": "llama-server",
    "-s": "llama-server",
}
"""What llama.cpp's image of all programs starts by its first word (.devops/tools.sh)."""
_DEFAULTS: Final[dict[str, tuple[str, ...]]] = {"ollama": ("serve",)}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([bkmgt]?)i?b?", re.IGNORECASE)
_UNITS: Final = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def started_by(image: str, words: Sequence[str], entrypoint: Sequence[str] = ()) -> list[str]:
    """Return the words of the command that a container starts."""
    if entrypoint:
        return [*entrypoint, *words]
    if words and re.search(r"(?:^|/)llama\.cpp[^/]*:[^/]*full", image):
        tool = _TOOLS.get(words[0])
        return list(words) if tool is None else [tool, *words[1:]]
    for pattern, starts in _ENTRYPOINTS:
        if re.search(pattern, image):
            given = list(words)
            if given[: len(starts)] == list(starts):
                return given
            return [*starts, *(given or _DEFAULTS.get(starts[0], ()))]
    return list(words)


def contained(
    command: Command,
    container: Container,
    words: Sequence[str],
    variables: Mapping[str, str],
    unread: Sequence[str] = (),
) -> Intent:
    """Return the intent of a command within a container.

    Nothing of the variables outside counts inside. A model's path inside that is mounted is
    that of the host, so that its folder can be looked at.
    """
    outside = replace(command.starting(words), variables=dict(variables))
    is_here = not is_elsewhere(command.variables)
    inside = outside.reading_at(lambda path: outside_of(path, container) if is_here else None)
    inside = replace(inside, list_folder=_known_folders(command, inside, container))
    inner = read_started(inside) if words else Intent()
    if not words and container.image is not None:
        unread = (*unread, shown(f"{container.image} (what it starts is not known)"))
    inner = with_paths(inner, lambda path: _as_outside(path, container))
    given = devices_of_request(container) or _devices_of_the_runtime(container, variables)
    inner = replace(inner, devices=_devices(inner.devices, given))
    return joined(Intent(container=container, unread=tuple(unread)), inner)


def is_composed(intent: Intent) -> bool:
    """Say whether a file of Docker Compose starts the container of a command."""
    words = [each for each in parted(intent.command or "") if not is_assignment(each)]
    return program_of(words[0] if words else "") == "docker-compose" or words[1:2] == ["compose"]


def is_elsewhere(variables: Mapping[str, str]) -> bool:
    """Tell a client that starts containers on another machine, by the variables of Docker's own."""
    host = variables.get("DOCKER_HOST", "")
    return bool(host) and not host.startswith(("unix:", "npipe:", "fd:"))


def _known_folders(command: Command, inside: Command, container: Container) -> ListFolder:
    """Return what lists the folders inside; what is mounted of none here, nobody knows."""

    def names(path: str) -> Sequence[str] | None:
        roots = [outside for outside, _ in container.mounts]
        place = outside_of(path, container)
        root = next((each for each in roots if place and _lies_in(place, each)), None)
        if root is None or not command.list_folder(root):
            return None
        return inside.list_folder(path)

    return names


def _lies_in(path: str, root: str) -> bool:
    return path == root.rstrip("/") or path.startswith(root.rstrip("/") + "/")


def _as_outside(path: str | None, container: Container) -> str | None:
    """Return a path of the container as the host has it; itself where it is not mounted."""
    is_path = path is not None and path.startswith(("/", "./", "../"))
    return (outside_of(path, container) or path) if path is not None and is_path else path


def _devices(
    inside: tuple[int, ...] | None, given: tuple[int, ...] | None
) -> tuple[int, ...] | None:
    """Return the host's devices that a command within sees: it counts those it was given."""
    if inside is None or given is None:
        return given if inside is None else inside
    return tuple(given[each] for each in inside if each < len(given))


def on_this_machine(path: str, container: Container | None) -> bool:
    """Say whether a path of an intent is one of the host: not one that only an image has.

    Apptainer, which keeps the variables, starts in the folder that it is called in, and mounts it.
    """
    relative = () if container is None or container.keeps_variables else ("./", "../")
    if container is None or not path.startswith(("/", "~", *relative)):
        return True
    roots = (outside.rstrip("/") for outside, _ in container.mounts)
    return any(path == root or path.startswith(root + "/") for root in roots)


def outside_of(path: str, container: Container) -> str | None:
    """Return a path of the container as the host has it; None where it is not mounted.

    A relative one leads from the folder that the command starts in.
    """
    if not path.startswith("/"):
        if container.workdir is None:
            return None
        path = posixpath.normpath(posixpath.join(container.workdir, path))
    for outside, inside in sorted(container.mounts, key=lambda one: -len(one[1])):
        root = inside.rstrip("/")
        if root and (path == root or path.startswith(root + "/")):
            return posixpath.join(outside, path[len(root) :].lstrip("/")).rstrip("/")
    return None


def devices_of_request(container: Container) -> tuple[int, ...] | None:
    """Return the devices that are asked for: "2" is the first two, "device=1,3" those."""
    asked = (container.gpus or "").strip("\"'")
    if re.fullmatch(r"[0-9]{1,2}", asked):
        return tuple(range(int(asked)))
    found = re.fullmatch(r'"?device=([0-9,]+)"?', asked)
    return numbers_of(found[1]) if found else None


def _devices_of_the_runtime(
    container: Container, variables: Mapping[str, str]
) -> tuple[int, ...] | None:
    """Return the devices that NVIDIA's runtime hands on by a variable; None where it says all."""
    said = variables.get("NVIDIA_VISIBLE_DEVICES", "")
    if container.runtime != "nvidia" or container.gpus is not None:
        return None
    return numbers_of(said) if re.fullmatch(r"[0-9]{1,2}(?:,[0-9]{1,2})*", said) else None


def is_of_a_gpu(device: str) -> bool:
    """Tell a device of a GPU: its file, or its name after the Container Device Interface."""
    return any(mark in device for mark in ("nvidia", "/dev/kfd", "/dev/dri", "amd.com/gpu"))


def size_of(text: str) -> int | None:
    """Return bytes of a size as Docker writes it (16g, 512MB), in powers of 1,024."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    return int(float(found[1]) * 1024 ** _UNITS[found[2].lower()])


def mount_of(text: str) -> tuple[str, str] | None:
    """Return a mount written as `host:inside[:mode]`; None for one that names no folder.

    A name without a slash before it is a volume that Docker keeps; a letter and a colon before
    one are a drive of Windows.
    """
    for here in ("$(pwd)", "`pwd`", "${PWD}", "$PWD"):
        if text.startswith((here + ":", here + "/")):
            text = "." + text[len(here) :]
    drive = text[:2] if text[:1].isalpha() and text[1:3] in (":\\", ":/") else ""
    parts = text[len(drive) :].split(":")
    if len(parts) < 2 or not parts[1].startswith("/"):
        return None
    if not drive and parts[0][:1] not in tuple("/.~$"):
        return None
    return drive + parts[0], parts[1]


def port_of(text: str) -> tuple[int, int] | None:
    """Return a port written as `[address:]host:inside`."""
    found = re.fullmatch(r"(?:.*:)?([0-9]{1,5}):([0-9]{1,5})(?:/tcp)?", text)
    return (int(found[1]), int(found[2])) if found else None


def local_port_of(text: str) -> int | None:
    """Return the host's port of one that is published at an address of the machine itself."""
    is_local = text.startswith(("127.", "localhost:", "[::1]:"))
    found = port_of(text) if is_local else None
    return found[0] if found is not None else None


def variables_of_file(text: str) -> dict[str, str]:
    """Return the variables of an env file: a line each, quotes taken off as compose does."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            found[name.strip()] = value[1:-1] if quoted else value
    return found


def words_of_command(value: object) -> list[str]:
    """Return the words of a command that is a text or a list, as compose files have it."""
    if isinstance(value, str):
        return parted(value.replace("\\\n", " "))
    return [str(each) for each in value] if isinstance(value, list) else []
