"""Meta's example scripts: `example_chat_completion.py --ckpt_dir ...` of llama, llama3, codellama.

`torchrun` starts them, one process for each part of the checkpoint. Their flags are those of the
`main` that Fire calls, by name or in its order.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

_SCRIPTS: Final = re.compile(
    r"example_(?:chat_completion|text_completion|completion|infilling|instructions)\.py"
)
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(Takes.TEXT, "--ckpt-dir --tokenizer-path"),
    *flags(Takes.FLOAT, "--temperature --top-p"),
    *flags(Takes.INT, "--max-seq-len --max-batch-size --max-gen-len"),
)
"""Arguments of `main` in github.com/meta-llama/llama, llama3 and codellama."""
_ORDER: Final = ("ckpt_dir", "tokenizer_path", "temperature", "top_p", "max_seq_len")


def is_metas(command: Command) -> bool:
    """Tell a script of Meta's by its name, or one that takes a checkpoint as they do."""
    script = command.script
    if script is None:
        return False
    if _SCRIPTS.fullmatch(script.replace("\\", "/").rpartition("/")[2]):
        return True
    names = {word.partition("=")[0].replace("-", "_") for word in command.arguments.words}
    return "__ckpt_dir" in names and "__tokenizer_path" in names


def reads(command: Command) -> bool:
    """Tell Meta's scripts, started by Python."""
    return is_metas(command)


def read(command: Command) -> Intent:
    """Read the arguments of `main`."""
    said = take_apart(command.arguments.words, FLAGS, Grammar())
    named = dict(said.values)
    left = list(said.positional)
    for name in _ORDER:
        if not left or name in named:
            break
        named[name] = left.pop(0)
    get = Settings(named)
    context = get.whole("max_seq_len")
    batch = get.whole("max_batch_size")
    return Intent(
        action=Action.GENERATE,
        engine="meta-llama",
        model=get.text("ckpt_dir"),
        tokenizer=get.text("tokenizer_path"),
        context=context if context is not None and context > 0 else None,
        sequences=batch if batch is not None and batch > 0 else None,
        sampling=Sampling(
            temperature=get.number("temperature"),
            top_p=get.number("top_p"),
            max_new_tokens=get.whole("max_gen_len"),
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread, *map(shown, left)),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="python example_chat_completion.py --ckpt_dir llama-2-7b-chat/ "
        "--tokenizer_path tokenizer.model --max_seq_len 512 --max_batch_size 6",
        expects={
            "action": Action.GENERATE,
            "engine": "meta-llama",
            "model": "llama-2-7b-chat/",
            "tokenizer": "tokenizer.model",
            "context": 512,
            "sequences": 6,
            "unread": (),
        },
    )
    yield Reading(
        command="python my_own.py --ckpt_dir=./m --tokenizer_path=t --top_p 0.5",
        expects={"engine": "meta-llama", "model": "./m", "sampling.top_p": 0.5},
    )
    yield Reading(
        command="python codellama/example_infilling.py ./m ./m/tokenizer.model 0.2",
        expects={"model": "./m", "tokenizer": "./m/tokenizer.model", "sampling.temperature": 0.2},
    )
