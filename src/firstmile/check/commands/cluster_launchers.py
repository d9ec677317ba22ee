"""`srun`, `sbatch`, `mpirun` and `mpiexec`: how many processes on how many machines, of what."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, joined, read_started
from firstmile.check.container import contained, mount_of
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Container, Intent, Parallel
from firstmile.check.places import relocated
from firstmile.check.settings import Settings

_SRUN: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --nodes|-N --ntasks|-n --ntasks-per-node --cpus-per-task|-c --gpus|-G --gpus-per-node
        --gpus-per-task --gres --partition|-p --time|-t --mem --mem-per-gpu --mem-per-cpu
        --job-name|-J --account|-A --qos|-q --output|-o --error|-e --input|-i --export
        --nodelist|-w --exclude|-x --constraint|-C --reservation --container-image
        --container-mounts --container-name --container-workdir --mpi --cpu-bind --gpu-bind
        --distribution|-m --chdir|-D --jobid --wait|-W --kill-on-bad-exit|-K --signal --open-mode
        --hint --mem-bind --network --threads-per-core --cores-per-socket --relative|-r
        --gpus-per-socket --ntasks-per-gpu --ntasks-per-socket --comment --mail-type --mail-user
        --dependency|-d --begin --nice --licenses|-L --prolog --epilog --task-prolog
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --exclusive --overlap --exact --label|-l --unbuffered|-u --pty --quiet|-Q --verbose|-v
        --preserve-env|-E --no-container-mount-home --container-writable --overcommit|-O
        --immediate|-I --no-kill|-k --spread-job --contiguous --oversubscribe|-s
        """,
    ),
)
_SBATCH: Final[tuple[Flag, ...]] = (
    *(each for each in _SRUN if each.keeps != "wait"),
    *flags(Takes.TEXT, "--wrap --array|-a --batch --get-user-env --export-file --profile"),
    *flags(Takes.SWITCH, "--parsable --requeue --no-requeue --hold|-H --wait|-W --test-only"),
)
_MPI: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        -np|-n|-c|--n -H|--host|-hosts|-host --hostfile|-hostfile|--machinefile|-machinefile|-f
        -npernode|--npernode|-ppn|--ppn|-perhost -bind-to|--bind-to -map-by|--map-by
        -rank-by|--rank-by -wdir|--wdir|-wd --prefix -output-filename|--output-filename
        --timeout --report-uri -launcher --launcher
        """,
    ),
    *flags(Takes.REPEATED, "-x -genvlist"),
    *flags(
        Takes.SWITCH,
        """
        --allow-run-as-root|-allow-run-as-root --oversubscribe|-oversubscribe --tag-output
        --report-bindings --display-map --verbose|-v --quiet|-q --bind-to-none --nooversubscribe
        """,
    ),
)
_PROGRAMS: Final = ("srun", "sbatch", "mpirun", "mpiexec", "orterun", "prterun")


def reads(command: Command) -> bool:
    """Tell the launchers."""
    return command.program in _PROGRAMS


def read(command: Command) -> Intent:
    """Read the launcher's flags, and the command behind them."""
    grammar = Grammar(underscores=False, attached=True, first_word_ends=True)
    if command.program == "srun":
        return _srun(command, grammar)
    if command.program == "sbatch":
        return _sbatch(command, grammar)
    words, ignored = _without_settings(command.words[1:])
    said = take_apart(words, _MPI, grammar)
    get = Settings(said.values)
    variables = {}
    for pair in said.values.get("x", ()):
        name, equals, value = pair.partition("=")
        if equals:
            variables[name] = value
    total = _number(get.text("np"))
    each = _number(get.text("npernode"))
    nodes = total // each if total and each and total % each == 0 else None
    outer = Intent(
        parallel=Parallel(processes=each or total, nodes=nodes),
        elsewhere=True if get.text("H", "hostfile") or (nodes or 1) > 1 else None,
        variables=variables,
        arguments=said.arguments,
        unread=(*said.unread, *get.unread, *ignored),
    )
    folder = get.text("wdir") or ""
    started = command.starting(said.rest, variables)
    return joined(outer, relocated(read_started(started.within(folder)), folder, started))


def _srun(command: Command, grammar: Grammar) -> Intent:
    said = take_apart(command.words[1:], _SRUN, grammar)
    get = Settings(said.values)
    nodes = _number((get.text("nodes") or "").partition("-")[0])
    each = _number(get.text("ntasks_per_node"))
    total = _number(get.text("ntasks"))
    if each is None and total is not None and nodes is not None and total % nodes == 0:
        each = total // nodes
    variables = {}
    for pair in Settings.parted(get.text("export") or ""):
        name, equals, value = pair.partition("=")
        if equals:
            variables[name] = value
    outer = Intent(
        parallel=Parallel(processes=each, nodes=nodes),
        elsewhere=True,
        variables=variables,
        arguments=said.arguments,
        unread=(*said.unread, *get.unread),
    )
    folder = get.text("chdir") or ""
    started = command.starting(said.rest, variables)
    image = get.text("container_image")
    if image is None:
        inner = relocated(read_started(started.within(folder)), folder, started)
    else:
        inner = contained(started, _enroot(image, get), said.rest, started.variables)
    return joined(outer, inner)


def _sbatch(command: Command, grammar: Grammar) -> Intent:
    """Read the job that is put off: it is started once, and what it starts counts by itself."""
    said = take_apart(command.words[1:], _SBATCH, grammar)
    get = Settings(said.values)
    wrapped = get.text("wrap")
    outer = Intent(elsewhere=True, arguments=said.arguments, unread=(*said.unread, *get.unread))
    if wrapped is None and not said.rest:
        return replace(outer, unread=(*outer.unread, "sbatch (it starts nothing)"))
    words = ["bash", "-c", wrapped] if wrapped is not None else ["bash", *said.rest]
    if wrapped is None and said.rest[0].endswith(".py"):
        words[0] = "python"
    folder = get.text("chdir") or ""
    started = command.starting(words)
    return joined(outer, relocated(read_started(started.within(folder)), folder, started))


def _enroot(image: str, get: Settings) -> Container:
    """Return the container of Slurm's plugin: it keeps variables, network and shared memory.

    The GPUs that Slurm gives to the job are in it (enroot's hook for NVIDIA).
    """
    mounts = (mount_of(each) for each in Settings.parted(get.text("container_mounts") or ""))
    return Container(
        image=image,
        gpus="all",
        host_ipc=True,
        host_network=True,
        mounts=tuple(each for each in mounts if each is not None),
        workdir=get.text("container_workdir"),
        keeps_variables=True,
    )


def _without_settings(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the words of an MPI launcher without those that take two (`-mca name value`)."""
    left: list[str] = []
    ignored: list[str] = []
    place = 0
    while place < len(words):
        if words[place] in ("-mca", "--mca", "-gmca", "--gmca", "-genv", "-env"):
            ignored.append(" ".join(words[place : place + 3]))
            place += 3
        elif not words[place].startswith("-") and not (left and left[-1].startswith("-")):
            return [*left, *words[place:]], ignored
        else:
            left.append(words[place])
            place += 1
    return left, ignored


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,5}", text) else None


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="srun -N 2 --ntasks-per-node=8 --gres=gpu:8 --export=ALL,NCCL_DEBUG=INFO -c 8 "
        "python train.py --model_name_or_path m --output_dir o",
        expects={
            "action": Action.FINE_TUNE,
            "parallel.nodes": 2,
            "parallel.processes": 8,
            "variables": {"NCCL_DEBUG": "INFO"},
            "unread": (),
        },
    )
    yield Reading(
        command="srun --nodes=4 --ntask-per-node 1 torchrun --nnodes 4 --nproc_per_node 8 sft.py",
        expects={
            "parallel.nodes": 4,
            "parallel.processes": 8,
            "unread": ("--ntask-per-node (did you mean --ntasks-per-node?) 1",),
        },
    )
    job = (
        "#!/bin/bash\n#SBATCH --nodes=1\n#SBATCH --gres=gpu:4\nmodule load cuda\n"
        "srun torchrun --nproc_per_node 4 train.py --model_name_or_path $1 --bf16\n"
    )
    yield Reading(
        command="sbatch -p gpu --time=1:00:00 -W jobs/sft.sbatch ./m",
        files={"jobs/sft.sbatch": job},
        expects={
            "action": Action.FINE_TUNE,
            "model": "./m",
            "parallel.processes": 4,
            "elsewhere": True,
            "unread": (),
        },
    )
    yield Reading(
        command="sbatch --gpus 2 --wrap 'vllm serve ./m -tp 2'",
        expects={"engine": "vllm", "model": "./m", "parallel.tensor": 2, "unread": ()},
    )
    yield Reading(command="sbatch -p gpu", expects={"unread": ("sbatch (it starts nothing)",)})
    yield Reading(
        command="mpirun -np 16 -npernode 8 -x NCCL_IB_HCA=mlx5 -mca btl ^openib "
        "--allow-run-as-root python train.py --bf16",
        expects={
            "parallel.processes": 8,
            "parallel.nodes": 2,
            "variables": {"NCCL_IB_HCA": "mlx5"},
            "training.bf16": True,
            "unread": ("-mca btl ^openib",),
        },
    )
