"""Programs that only start another: sudo, nohup, time, numactl, `uv run`, `conda run` and more.

What they do to the command (a user, a place, a binding) is not read further.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from firstmile.check.command import Command, Reading, is_assignment, read_started
from firstmile.check.intent import Action, Intent
from firstmile.check.places import relocated
from firstmile.check.unknown_words import shown


class _Runner(msgspec.Struct, frozen=True, kw_only=True):
    """How a program takes its command: its own flags that take a word, and words before it.

    `folders` are the flags among them that name the folder it is started in, `environments`
    those that name the environment.
    """

    takes: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()
    before: int = 0
    subcommands: tuple[str, ...] = ()


def _runner(
    takes: str = "",
    *,
    before: int = 0,
    subcommands: str = "",
    folders: str = "",
    environments: str = "",
) -> _Runner:
    return _Runner(
        takes=frozenset((*takes.split(), *folders.split(), *environments.split())),
        folders=frozenset(folders.split()),
        environments=frozenset(environments.split()),
        before=before,
        subcommands=tuple(subcommands.split()),
    )


_OF_CONDA: Final = "-n -p --name --prefix"
_RUNNERS: Final[Mapping[str, _Runner]] = {
    "sudo": _runner(
        "-u -g -h -p -C -T -r -t -R --user --group --host --prompt", folders="-D --chdir"
    ),
    "doas": _runner("-u -C"),
    "nohup": _runner(),
    "setsid": _runner(),
    "exec": _runner("-a"),
    "command": _runner(),
    "time": _runner("-o -f --output --format"),
    "nice": _runner("-n --adjustment"),
    "ionice": _runner("-c -n -p -t --class --classdata"),
    "chrt": _runner(before=1),
    "stdbuf": _runner("-i -o -e --input --output --error"),
    "unbuffer": _runner(),
    "caffeinate": _runner("-t -w"),
    "timeout": _runner("-s -k --signal --kill-after", before=1),
    "numactl": _runner("-N -m -C -i -P -p"),
    "taskset": _runner(before=1),
    "xvfb-run": _runner("-n -s -e -f -p -w"),
    "uv": _runner(
        "--python -p --with --with-editable --with-requirements --extra --group --env-file "
        "--project --package --index --index-url --extra-index-url --only-group "
        "--no-group --no-extra --config-file --color --cache-dir",
        subcommands="run",
        folders="--directory",
    ),
    "uvx": _runner("--from --with --python -p --index --index-url --with-editable"),
    "pipx": _runner("--spec --python --pip-args --index-url", subcommands="run"),
    "poetry": _runner("-C -P --directory --project", subcommands="run"),
    "pdm": _runner("-p --project -s --site-packages", subcommands="run"),
    "pipenv": _runner(subcommands="run"),
    "rye": _runner("-f --pyproject", subcommands="run"),
    "hatch": _runner("-e --env -p --project", subcommands="run"),
    "pixi": _runner("-e --environment --manifest-path", subcommands="run"),
    "conda": _runner(subcommands="run", folders="--cwd", environments=_OF_CONDA),
    "mamba": _runner(subcommands="run", folders="--cwd", environments=_OF_CONDA),
    "micromamba": _runner(
        "-r --root-prefix", subcommands="run", folders="--cwd", environments=_OF_CONDA
    ),
    "nsys": _runner(
        "-o --output -t --trace -s --sample -c --capture-range -d --duration -y --delay -w",
        subcommands="profile",
    ),
}


def reads(command: Command) -> bool:
    """Tell the programs, with the subcommand that starts one."""
    return command.program in _RUNNERS


def read(command: Command) -> Intent:
    """Pass the runner by, and read what it starts."""
    runner = _RUNNERS[command.program]
    words = list(command.words[1:])
    folder = ""
    environment: str | None = None

    def pass_by(word: str) -> None:
        nonlocal folder, environment
        name, equals, value = word.partition("=")
        if name in runner.takes and not equals and words:
            value = words.pop(0)
        if name in runner.folders:
            folder = value
        if name in runner.environments:
            environment = value

    if runner.subcommands:
        while words and words[0].startswith("-"):
            pass_by(words.pop(0))
        if not words or words[0] not in runner.subcommands:
            name = words[0] if words else ""
            return Intent(unread=(shown(f"{command.program} {name} (it is not read)"),))
        words.pop(0)
    module = False
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        if command.program == "uv" and word in ("-m", "--module"):
            module = True
            break
        pass_by(word)
    words = words[runner.before :]
    if command.program == "uv" and (module or (words and words[0].endswith(".py"))):
        words = ["python", *(("-m",) if module else ()), *words]
    variables: dict[str, str] = {}
    while words and command.program in ("sudo", "doas") and is_assignment(words[0]):
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    started = command.starting(words, variables)
    found = relocated(read_started(started.within(folder)), folder, started)
    return replace(found, interpreter=found.interpreter or environment)


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="sudo -u me CUDA_VISIBLE_DEVICES=1 nohup numactl -N 0 -m 0 vllm serve m -tp 1",
        expects={"engine": "vllm", "devices": (1,), "parallel.tensor": 1, "unread": ()},
    )
    yield Reading(
        command="uv run --with vllm -- vllm serve m",
        expects={"action": Action.SERVE, "engine": "vllm", "unread": ()},
    )
    yield Reading(
        command="uv run train.py --output_dir o",
        expects={"action": Action.FINE_TUNE, "training.output_folder": "o"},
    )
    yield Reading(
        command="conda run -n env --no-capture-output python -m sglang.launch_server --model m",
        expects={"engine": "sglang", "model": "m", "interpreter": "env"},
    )
    yield Reading(
        command="timeout -s KILL 10m time -p llama-cli -m m.gguf",
        expects={"engine": "llama.cpp", "model": "m.gguf"},
    )
    yield Reading(
        command="nohup mystery --of mine",
        expects={"engine": None, "unread": ("mystery --of mine (no command that is known)",)},
    )
    yield Reading(
        command="poetry install", expects={"unread": ("poetry install (it is not read)",)}
    )
