"""`convert.py` and `generate.py` of the DeepSeek-V3 repository's inference demo."""

from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, Parallel, Sampling
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

ENGINE: Final = "deepseek-demo"
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(Takes.TEXT, "--hf-ckpt-path --save-path --ckpt-path --config --input-file"),
    *flags(Takes.INT, "--n-experts --model-parallel --max-new-tokens"),
    *flags(Takes.FLOAT, "--temperature"),
    *flags(Takes.SWITCH, "--interactive"),
)
"""Arguments of both scripts, https://github.com/deepseek-ai/DeepSeek-V3/tree/main/inference."""
_SIGNS: Final = {"convert.py": ("hf_ckpt_path",), "generate.py": ("ckpt_path", "config")}


def is_deepseeks(command: Command) -> bool:
    """Tell the scripts by their names and the flags that both have to be given."""
    script = (command.script or "").replace("\\", "/").rpartition("/")[2]
    if script not in _SIGNS:
        return False
    words = command.arguments.words
    names = {word.partition("=")[0].lstrip("-").replace("-", "_") for word in words}
    return all(name in names for name in _SIGNS[script])


def reads(command: Command) -> bool:
    """Tell the demo's scripts, started by Python."""
    return is_deepseeks(command)


def read(command: Command) -> Intent:
    """Read the arguments; the parts that `convert.py` cuts are the ranks of the other."""
    said = take_apart(command.arguments.words, FLAGS, Grammar())
    get = Settings(said.values)
    converts = get.has("hf_ckpt_path")
    return Intent(
        action=Action.CONVERT if converts else Action.GENERATE,
        engine=ENGINE,
        model=get.text("hf_ckpt_path", "ckpt_path"),
        parallel=Parallel(tensor=get.whole("model_parallel")),
        sampling=Sampling(
            temperature=get.number("temperature"), max_new_tokens=get.whole("max_new_tokens")
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread, *map(shown, said.positional)),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="python convert.py --hf-ckpt-path ./DeepSeek-V3 --save-path ./demo "
        "--n-experts 256 --model-parallel 16",
        expects={
            "action": Action.CONVERT,
            "engine": "deepseek-demo",
            "model": "./DeepSeek-V3",
            "parallel.tensor": 16,
            "unread": (),
        },
    )
    yield Reading(
        command="python inference/generate.py --ckpt-path ./demo --config config_671B.json "
        "--interactive --temperature 0.7 --max-new-tokens 200",
        expects={
            "engine": "deepseek-demo",
            "model": "./demo",
            "sampling.max_new_tokens": 200,
            "unread": (),
        },
    )
