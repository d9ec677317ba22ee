"""Asking: what would decide a diagnosis, and the command that collects it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from firstmile.diagnose.hypotheses import EMPTY, NOTHING_FAILED, Question

MOST: Final = 4


@dataclass(frozen=True, slots=True)
class _Ask:
    """Ask where a likely symptom is one of these and the text speaks of none of those clues."""

    symptoms: frozenset[str]
    unless: frozenset[str]
    question: Question


def _ask(symptoms: str, unless: str, what: str, command: str) -> _Ask:
    return _Ask(
        frozenset(symptoms.split()),
        frozenset(unless.split()),
        Question(what=what, command=command),
    )


_WHOLE: Final = _ask(
    "crash loading",
    "traceback",
    "The whole output of the run, from its first error line on",
    "firstmile run -- YOUR COMMAND",
)
_ASKS: Final = (
    _WHOLE,
    _ask(
        "crash",
        "ram-words",
        "Whether the system ended the process for lack of memory",
        "sudo dmesg --ctime | grep -i -E 'out of memory|oom-kill|killed process'",
    ),
    _ask(
        "crash hang",
        "",
        "Which call on the GPU fails, as CUDA reports errors late",
        "CUDA_LAUNCH_BLOCKING=1 YOUR COMMAND",
    ),
    _ask(
        "hang",
        "",
        "Where each process stands",
        "py-spy dump --pid PID",
    ),
    _ask(
        "hang crash",
        "single-gpu",
        "What the ranks say to each other, where several take part",
        "NCCL_DEBUG=INFO TORCH_DISTRIBUTED_DEBUG=DETAIL YOUR COMMAND",
    ),
    _ask(
        "incorrect",
        "prompt-format",
        "The prompt as the model gets it, with its special tokens",
        "python -c \"from transformers import AutoTokenizer as T; t = T.from_pretrained('MODEL'); "
        "print(repr(t.apply_chat_template([{'role': 'user', 'content': 'hi'}], tokenize=False, "
        'add_generation_prompt=True)))"',
    ),
    _ask(
        "incorrect",
        "sampling",
        "How it generates: sampling, length and end tokens",
        "cat MODEL/generation_config.json",
    ),
    _ask(
        "incorrect",
        "compare-ok",
        "Whether it is the weights, the quantization or the engine: the same prompt without "
        "quantization, or in another engine, with temperature 0",
        "transformers chat MODEL",
    ),
    _ask(
        "slow hang",
        "gpu-idle",
        "Whether the GPU computes while one waits, or the processor, or the disk",
        "nvidia-smi dmon -s um",
    ),
    _ask(
        "slow",
        "quantized",
        "Number type, quantization and attention that are used",
        "python -c \"from transformers import AutoConfig as C; print(C.from_pretrained('MODEL'))\"",
    ),
    _ask(
        "loading",
        "file-broken",
        "Whether the files are whole",
        "ls -l MODEL && sha256sum MODEL/*.safetensors",
    ),
    _ask(
        "crash loading incorrect hang slow",
        "version",
        "Machine and versions of driver, libraries and engine",
        "firstmile facts",
    ),
)


def ask_for_output() -> tuple[Question, ...]:
    """Return what to collect where there is nothing yet that could be judged."""
    return (_WHOLE.question,)


def ask_where_nothing_failed(
    symptoms: Collection[str], spoken_of: Collection[str]
) -> tuple[Question, ...]:
    """Return what to collect where no line says that something failed.

    It may be slow or wrong all the same; a crash is not looked into that is not seen.
    """
    quiet = [one for one in symptoms if one not in ("crash", "loading")]
    found = dict.fromkeys((_WHOLE.question, *ask(quiet, spoken_of), _ASKS[-1].question))
    return tuple(found)


def ask(symptoms: Collection[str], spoken_of: Collection[str]) -> tuple[Question, ...]:
    """Return what to collect, given the likely symptom classes and the clues that were met."""
    met = set(spoken_of)
    found = [one.question for one in _ASKS if one.symptoms & set(symptoms) and not one.unless & met]
    return tuple(found[: MOST - 1] + found[-1:]) if len(found) > MOST else tuple(found)


def asked(
    reason: str | None, likely: Sequence[str], spoken_of: frozenset[str]
) -> tuple[Question, ...]:
    """Return what would decide it, where no answer is given."""
    if reason is None:
        return ()
    if reason == EMPTY:
        return ask_for_output()
    if reason == NOTHING_FAILED:
        return ask_where_nothing_failed(likely, spoken_of)
    return ask(likely, spoken_of)
