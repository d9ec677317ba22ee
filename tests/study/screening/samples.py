"""Reports written for tests: failures and requests of a made-up engine."""

import random
from typing import Final

_FAILED: Final = (
    "crashes with a traceback", "hangs after some minutes", "fails to load the checkpoint",
    "prints garbage", "runs out of memory", "raises an error at start", "is killed while serving",
)  # fmt: skip
_WISHES: Final = (
    "please add support for this", "it would be nice to have", "proposal for an option of",
    "feature to allow", "how do I configure", "is there documentation for", "roadmap for",
)  # fmt: skip
_THINGS: Final = (
    "the tokenizer", "two cards", "long prompts", "quantized weights", "streaming", "the server",
    "batch size eight", "the docker image", "beam search", "a chat template",
)  # fmt: skip


def reports(count: int, *, seed: int = 0, share: float = 0.4) -> tuple[list[str], list[bool]]:
    """Return texts with a title line, and whether each reports a failure."""
    draw = random.Random(seed)
    texts, truth = [], []
    for _ in range(count):
        failure = draw.random() < share
        said = draw.choice(_FAILED if failure else _WISHES)
        thing, other = draw.sample(_THINGS, 2)
        texts.append(f"{thing} {said}\nWith {other}: {draw.choice(_THINGS)}. {said} {thing}.")
        truth.append(failure)
    return texts, truth
