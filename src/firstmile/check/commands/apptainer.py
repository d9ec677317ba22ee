"""`apptainer exec IMAGE ...`, `apptainer run IMAGE ...` and singularity: what is started within.

Unlike Docker it keeps the variables, the network and the home folder of whoever starts it, and the
folder that it is started in; GPUs are there with --nv (NVIDIA) or --rocm (AMD) alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, joined
from firstmile.check.container import contained, mount_of, started_by, variables_of_file
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Container, Intent, NamedFile
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

_PROGRAMS: Final = ("apptainer", "singularity")
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --add-caps --app --apply-cgroups --authfile --blkio-weight --cpu-shares --cpus
        --cpuset-cpus --cpuset-mems --dns --docker-host --drop-caps --env-file --fusemount
        --home|-H --hostname --memory|-m --memory-reservation --memory-swap --network
        --network-args --no-mount --overlay|-o --pem-path --pids-limit --pwd|--cwd --scratch|-S
        --security --shell|-s --workdir|-W
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --allow-setuid --cleanenv|-e --compat --contain|-c --containall|-C --disable-cache
        --docker-login --fakeroot|-f --ignore-fakeroot-command --ignore-subuid --ignore-userns
        --intel-hpu --ipc|-i --keep-privs --net|-n --no-eval --no-home --no-https --no-init
        --no-pid --no-privs --no-tmp-sandbox --no-umask --nv --nvccli --oom-kill-disable
        --passphrase --pid|-p --rocm --sharens --underlay --unsquash --userns|-u --uts --vm
        --writable|-w --writable-tmpfs
        """,
    ),
    *flags(Takes.REPEATED, "--bind|-B --env --mount"),
)
"""Those of apptainer 1.4 (`man apptainer-exec`)."""
_GRAMMAR: Final = Grammar(underscores=False, attached=True, first_word_ends=True)
_HERE: Final = "/the/folder/it/is/started/in"
"""Stands in the container for the folder of the shell, whose place only the shell knows."""
_BOUND: Final = tuple(f"/{name}" for name in ["home", "root", "tmp", "scratch", "gpfs", "lustre"])
"""Folders that are bound unless it is told to contain: homes, and what clusters add to them."""


def reads(command: Command) -> bool:
    """Tell both programs."""
    return command.program in _PROGRAMS


def read(command: Command) -> Intent:
    """Read the flags of the container, and the command within."""
    words = command.words[1:]
    while words and words[0].startswith("-"):
        words = words[1:]
    verb = words[0] if words else ""
    if verb not in ("exec", "run"):
        return Intent(unread=(shown(f"{command.program} {verb} (it is not read)"),))
    said = take_apart(words[1:], FLAGS, _GRAMMAR)
    get = Settings({**_of_variables(command.variables), **said.values})
    path = get.text("env_file")
    files: tuple[NamedFile, ...] = command.file(path) if path else ()
    variables = variables_of_file(command.read_text(path) or "") if path else {}
    for pair in (one for each in get.values.get("env", ()) for one in Settings.parted(each)):
        name, _, value = pair.partition("=")
        variables[name] = value
    image = said.rest[0] if said.rest else None
    container = _container(get, command.variables, image)
    inner = said.rest[1:]
    starts = list(inner) if verb == "exec" else started_by(image or "", inner)
    kept = command.variables if container.keeps_variables else _handed_on(command.variables)
    found = contained(command, container, starts, {**kept, **variables}, said.unread)
    outer = Intent(arguments=said.arguments, files=files, unread=tuple(get.unread))
    return replace(joined(outer, found), variables={**variables, **found.variables})


def _of_variables(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return what APPTAINER_BIND and APPTAINER_NV say (SINGULARITY_... the same)."""
    found: dict[str, Any] = {}
    for prefix in ("SINGULARITY_", "APPTAINER_"):
        if bound := variables.get(f"{prefix}BIND") or variables.get(f"{prefix}BINDPATH"):
            found["bind"] = (bound,)
        for name in ("NV", "ROCM", "CONTAINALL", "CLEANENV"):
            if variables.get(f"{prefix}{name}"):
                found[name.lower()] = True
    return found


def _handed_on(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are meant for the container: APPTAINERENV_X is its X."""
    return {
        name.removeprefix(prefix): value
        for prefix in ("SINGULARITYENV_", "APPTAINERENV_")
        for name, value in variables.items()
        if name.startswith(prefix)
    }


def _container(get: Settings, variables: Mapping[str, str], image: str | None) -> Container:
    alone = bool(get.truth("containall") or get.truth("compat"))
    contains = alone or bool(get.truth("contain"))
    mounts = [
        mount
        for each in (*get.values.get("bind", ()), *_sources(get.values.get("mount", ())))
        for one in Settings.parted(each)
        if (mount := mount_of(one if ":" in one else f"{one}:{one}")) is not None
    ]
    if not contains:
        mounts += [(".", _HERE), *((folder, folder) for folder in _BOUND)]
    return Container(
        image=image,
        gpus="all" if get.truth("nv") or get.truth("rocm") or get.truth("nvccli") else None,
        host_ipc=not (alone or get.truth("ipc")),
        host_network=not get.truth("net"),
        mounts=tuple(mounts),
        workdir=get.text("pwd") or (None if contains else _HERE),
        keeps_variables=not (alone or get.truth("cleanenv")),
    )


def _sources(mounts: Any) -> Iterator[str]:
    """Yield the folders of `--mount type=bind,source=/a,destination=/b` as `/a:/b`."""
    for each in mounts:
        parts = dict(one.partition("=")[::2] for one in each.split(","))
        source = parts.get("source") or parts.get("src")
        target = parts.get("destination") or parts.get("dst") or parts.get("target")
        if source and target:
            yield f"{source}:{target}"


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="apptainer exec --nv -B /data/models:/models vllm.sif vllm serve /models/q -tp 2",
        expects={
            "action": Action.SERVE,
            "engine": "vllm",
            "model": "/data/models/q",
            "parallel.tensor": 2,
            "container.gpus": "all",
            "container.image": "vllm.sif",
            "container.keeps_variables": True,
            "container.host_network": True,
            "unread": (),
        },
    )
    yield Reading(
        command="CUDA_VISIBLE_DEVICES=1 singularity run --nv docker://vllm/vllm-openai:v0.9.0 "
        "--model ./m --port 9000",
        expects={"engine": "vllm", "model": "./m", "port": 9000, "devices": (1,), "unread": ()},
    )
    yield Reading(
        command="apptainer -s exec --containall --env HF_HUB_OFFLINE=1,A=2 --pwd /w "
        "--mount type=bind,source=/here,destination=/w x.sif python train.py --deepspeed z.json",
        files={
            "/here/train.py": "from transformers import TrainingArguments\nimport argparse\n",
            "/here/z.json": '{"train_batch_size": 8}',
        },
        expects={
            "training.deepspeed": {"train_batch_size": 8},
            "container.gpus": None,
            "container.host_ipc": False,
            "variables": {"HF_HUB_OFFLINE": "1", "A": "2"},
            "unread": (),
        },
    )
    yield Reading(
        command="apptainer exec x.sif torchrun --nproc-per-node 2 sft.py --config c.yaml",
        files={"c.yaml": "model_name_or_path: m\n", "./c.yaml": "model_name_or_path: m\n"},
        expects={"model": "m", "parallel.processes": 2},
    )
    yield Reading(
        command="apptainer pull docker://vllm/vllm-openai",
        expects={"unread": ("apptainer pull (it is not read)",)},
    )
