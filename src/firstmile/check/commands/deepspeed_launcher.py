"""`deepspeed --num_gpus 8 train.py ...`: DeepSpeed's launcher, and what it runs.

`--include` and `--exclude` of this machine alone (`localhost:0,1`) tell the devices.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading, joined, numbers_of, read_launched
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.settings import Settings

_MODULES: Final = ("deepspeed.launcher.runner", "deepspeed")
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --hostfile|-H --include|-i --exclude|-e --master_addr --launcher --launcher_args
        --enable_each_rank_log --autotuning --bind_core_list --venv_script --log_level
        """,
    ),
    *flags(
        Takes.INT,
        """
        --num_nodes --min_elastic_nodes --max_elastic_nodes --num_gpus|--num_accelerators
        --master_port --node_rank
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --module --no_python --no_local_rank --no_ssh --no_ssh_check --force_multi --save_pid
        --elastic_training --bind_cores_to_rank --quiet|-q
        """,
    ),
)


def reads(command: Command) -> bool:
    """Tell the launcher and its module."""
    return command.program in ("deepspeed", "deepspeed.pt", "ds") or command.module in _MODULES


def read(command: Command) -> Intent:
    """Read the launcher's flags, and the script behind them."""
    grammar = Grammar(first_word_ends=True, underscores=False, abbreviations=True)
    said = take_apart(command.arguments.words, FLAGS, grammar)
    get = Settings(said.values)
    devices = _devices(get.text("include"))
    gpus = get.whole("num_gpus")
    nodes = get.whole("num_nodes")
    outer = Intent(
        engine="deepspeed",
        devices=devices,
        elsewhere=True if get.text("hostfile") else None,
        parallel=Parallel(
            processes=gpus if gpus is not None and gpus > 0 else len(devices or ()) or None,
            nodes=nodes if nodes is not None and nodes > 0 else None,
            node_rank=get.whole("node_rank"),
            master_address=get.text("master_addr"),
            master_port=get.whole("master_port"),
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread),
    )
    inner = read_launched(
        command, said.rest, plain=bool(get.truth("no_python")), module=bool(get.truth("module"))
    )
    return joined(outer, inner)


def _devices(included: str | None) -> tuple[int, ...] | None:
    """Return the devices of `localhost:0,1`; None where other machines take part."""
    host, _, numbers = (included or "").partition(":")
    return numbers_of(numbers) or None if host == "localhost" else None


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="deepspeed --num_gpus 4 --master_port 29501 train.py --deepspeed ds.json "
        "--model_name_or_path m --output_dir o",
        files={
            "ds.json": '{"zero_optimization": {"stage": 2}, "train_batch_size": "auto", '
            '"train_micro_batch_size_per_gpu": "auto"}'
        },
        expects={
            "engine": "transformers",
            "action": Action.FINE_TUNE,
            "parallel.processes": 4,
            "parallel.master_port": 29501,
            "training.deepspeed": {
                "zero_optimization": {"stage": 2},
                "train_batch_size": "auto",
                "train_micro_batch_size_per_gpu": "auto",
            },
            "unread": (),
        },
    )
    yield Reading(
        command="deepspeed --include localhost:0,2 own.py --deepspeed --deepspeed_config d.json",
        files={"d.json": '{"train_batch_size": 8}'},
        expects={
            "devices": (0, 2),
            "parallel.processes": 2,
            "training.deepspeed": {"train_batch_size": 8},
            "unread": (),
        },
    )
    yield Reading(
        command="deepspeed --num_gpu 2 --module pkg.train --fp16",
        expects={"parallel.processes": 2, "training.fp16": True, "unread": ()},
    )
