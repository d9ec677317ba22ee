"""Reports made up from the casebook: as many as wanted, of the lengths that issues have.

A case is a few sentences and its error lines. Around them goes what people paste: a traceback, a
training log, a list of packages. Times, addresses and numbers differ, so no two reports are alike.
"""

import json
import random
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Final

from firstmile.knowledge.cases import Case, load_cases

SEED: Final = 20261128
_PACKAGES: Final = (
    *("accelerate", "bitsandbytes", "datasets", "deepspeed", "einops", "fastapi", "filelock"),
    *(
        "flash-attn",
        "huggingface-hub",
        "jinja2",
        "numpy",
        "nvidia-nccl-cu12",
        "packaging",
        "pandas",
    ),
    *("peft", "pillow", "protobuf", "psutil", "pyarrow", "pydantic", "ray", "regex", "requests"),
    *("safetensors", "scipy", "sentencepiece", "sympy", "tokenizers", "torch", "torchvision"),
    *("tqdm", "transformers", "triton", "trl", "typer", "uvicorn", "vllm", "xformers"),
)
_MODULES: Final = (
    *("torch/nn/modules/module.py", "transformers/trainer.py", "transformers/generation/utils.py"),
    *("transformers/modeling_utils.py", "accelerate/hooks.py", "peft/peft_model.py", "train.py"),
    *("torch/distributed/run.py", "deepspeed/runtime/engine.py", "serve.py", "vllm/engine/llm.py"),
)
_FUNCTIONS: Final = (
    *("forward", "_call_impl", "wrapped_fn", "generate", "train", "main", "step", "load_model"),
)


def write_batch(path: Path, reports: int, *, seed: int = SEED) -> int:
    """Write a batch of reports; returns how many bytes it has."""
    lines = [
        json.dumps({"id": number, "text": text}, ensure_ascii=False)
        for number, text in enumerate(islice(made_up(seed), reports))
    ]
    return path.write_bytes(("\n".join(lines) + "\n").encode())


def made_up(seed: int = SEED) -> Iterator[str]:
    """Yield reports without end: each case in every form, then again with other numbers."""
    chance = random.Random(seed)
    cases = list(load_cases())
    for turn in count():
        chance.shuffle(cases)
        for place, case in enumerate(cases):
            yield _FORMS[(turn + place) % len(_FORMS)](case, chance)


def _in_words(case: Case, chance: random.Random) -> str:
    return f"{case.report}\n\nSince {_clock(chance)}, run {chance.randrange(10**6)}."


def _with_error(case: Case, chance: random.Random) -> str:
    return f"{_in_words(case, chance)}\n\n{case.error or ''}"


def _in_a_traceback(case: Case, chance: random.Random) -> str:
    return f"{case.title}\n\n{_traceback(case, chance, chance.randrange(5, 25))}"


def _in_a_log(case: Case, chance: random.Random) -> str:
    lines = [_logged(chance, step) for step in range(chance.randrange(20, 120))]
    return "\n".join((*lines, _traceback(case, chance, chance.randrange(2, 8)), *lines[-3:]))


def _in_a_form(case: Case, chance: random.Random) -> str:
    packages = "\n".join(
        f"{name:28}{chance.randrange(5)}.{chance.randrange(60)}.{chance.randrange(9)}"
        for name in chance.sample(_PACKAGES, chance.randrange(10, len(_PACKAGES)))
    )
    return (
        f"### Your current environment\n\n```text\n{packages}\n```\n\n### Describe the bug\n\n"
        f"{_in_words(case, chance)}\n\n```\n{_traceback(case, chance, chance.randrange(3, 12))}\n"
        "```\n\n### Before submitting a new issue...\n\n- [X] I searched for relevant issues."
    )


_FORMS: Final[tuple[Callable[[Case, random.Random], str], ...]] = (
    _in_words,
    _with_error,
    _in_a_traceback,
    _in_a_log,
    _in_a_form,
)


def _traceback(case: Case, chance: random.Random, frames: int) -> str:
    lines = ["Traceback (most recent call last):"]
    for _ in range(frames):
        module, function = chance.choice(_MODULES), chance.choice(_FUNCTIONS)
        lines += (
            f'  File "/opt/env{chance.randrange(9)}/{module}", line {chance.randrange(3000)}, '
            f"in {function}",
            f"    output{chance.randrange(99)} = self.{chance.choice(_FUNCTIONS)}(*args, **kwargs)",
        )
    return "\n".join((*lines, case.error or f"RuntimeError: status {chance.randrange(10**6)}"))


def _logged(chance: random.Random, step: int) -> str:
    if chance.random() < 0.5:
        return (
            f"{_clock(chance)} INFO step {step} | loss {chance.random():.4f} | "
            f"{chance.randrange(900, 9000)} tok/s"
        )
    return f"{{'loss': {chance.random():.4f}, 'grad_norm': {chance.random():.3f}, 'step': {step}}}"


def _clock(chance: random.Random) -> str:
    return (
        f"2026-03-{chance.randrange(1, 29):02d} {chance.randrange(24):02d}:"
        f"{chance.randrange(60):02d}:{chance.randrange(60):02d}"
    )
