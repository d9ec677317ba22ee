"""`torchrun`, `python -m torch.distributed.run` and `.launch`: the processes, and what they run."""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading, joined, read_launched
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.settings import Settings

_MODULES: Final = ("torch.distributed.run", "torch.distributed.launch")
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --nnodes --nproc-per-node --rdzv-backend --rdzv-endpoint --rdzv-id --rdzv-conf
        --start-method --event-log-handler --role --log-dir --redirects|-r --tee|-t
        --local-ranks-filter --duplicate-stdout-filters --duplicate-stderr-filters
        --master-addr --local-addr --logs-specs --numa-binding --signals-to-handle
        """,
    ),
    *flags(Takes.INT, "--max-restarts --node-rank --master-port --shutdown-timeout"),
    *flags(Takes.FLOAT, "--monitor-interval"),
    *flags(
        Takes.SWITCH,
        "--standalone --module|-m --no-python --run-path --virtual-local-rank --use-env",
    ),
)
"""Those of PyTorch 2.13."""


def reads(command: Command) -> bool:
    """Tell torchrun and its modules."""
    return command.program == "torchrun" or command.module in _MODULES


def read(command: Command) -> Intent:
    """Read the launcher's flags, and the script behind them."""
    grammar = Grammar(first_word_ends=True, abbreviations=True)
    said = take_apart(command.arguments.words, FLAGS, grammar)
    get = Settings(said.values)
    address, port = _endpoint(get.text("rdzv_endpoint"))
    outer = Intent(
        engine="torchrun",
        parallel=Parallel(
            processes=_count(get.text("nproc_per_node")),
            nodes=_count((get.text("nnodes") or "").rpartition(":")[2]),
            node_rank=get.whole("node_rank"),
            master_address=get.text("master_addr") or address,
            master_port=get.whole("master_port") or port,
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread),
    )
    inner = read_launched(
        command, said.rest, plain=bool(get.truth("no_python")), module=bool(get.truth("module"))
    )
    return joined(outer, inner)


def _count(text: str | None) -> int | None:
    """Return a number; None for "gpu", "cpu" and "auto", which the machine decides."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,6}", text) else None


def _endpoint(text: str | None) -> tuple[str | None, int | None]:
    if text is None:
        return None, None
    host, colon, port = text.rpartition(":")
    return (host, _count(port)) if colon else (text, None)


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="torchrun --nproc_per_node 8 --nnodes=2 --node_rank 1 --master_addr 10.0.0.1 "
        "--master_port 29500 train.py --model_name_or_path m --bf16 --fp16",
        expects={
            "engine": "transformers",
            "action": Action.FINE_TUNE,
            "parallel.processes": 8,
            "parallel.nodes": 2,
            "parallel.node_rank": 1,
            "parallel.master_port": 29500,
            "training.bf16": True,
            "training.fp16": True,
            "unread": (),
        },
    )
    yield Reading(
        command="python -m torch.distributed.run --nproc-per-node gpu --rdzv_backend c10d "
        "--rdzv_endpoint host0:29400 --nnodes 1:4 -m pkg.sft --output_dir o",
        expects={
            "engine": "trl",
            "parallel.processes": None,
            "parallel.nodes": 4,
            "parallel.master_address": "host0",
            "parallel.master_port": 29400,
        },
    )
    yield Reading(
        command="torchrun --standalone --nproc_pr_node 2 other.py",
        expects={
            "engine": "torchrun",
            "unread": ("--nproc_pr_node (did you mean --nproc_per_node?) 2",),
        },
    )
