"""Every option of the command has a value that the program can read.

Why: a length that is a word, a number that is written 1e5 where a whole one is wanted, braces that
hold no JSON, or an option whose value was forgotten end the command before anything is loaded:
"argument --max-model-len: invalid int value", "expected one argument", "cannot be converted to
json.loads". In a script or a unit file this is the only line that is left of the run.

Fix: give the value in the form that the option takes. JSON wants double quotation marks inside,
and the whole in single ones, so that the shell leaves it alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.flags import Takes, value_of
from firstmile.check.intent import Argument, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, shortened
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.vllm.ai/en/latest/cli/serve.html",
        "https://docs.python.org/3/library/argparse.html",
    ),
)
_PROGRAMS: Final = ("vllm", "sglang", "llama.cpp", "trl")
_FILLED_IN: Final = re.compile(r"[$`<]|\{\{|%\(|%[A-Za-z_]+%")
"""What a shell, a template or a person still puts something in for."""
_STARTS_LIKE_A_NUMBER: Final = re.compile(r"\s*[+-]?\.?[0-9]")
_WORDS: Final = ("auto", "all", "none", "on", "off", "max", "min", "inf", "infinity", "nan")
_JSON_ALONE: Final = (
    *("hf_overrides", "speculative_config", "override_generation_config"),
    *("kv_transfer_config", "rope_scaling", "mm_processor_kwargs"),
)
"""Options of vLLM that are read as JSON and nothing else (engine/arg_utils.py)."""
_MOST: Final = 5
"""Options that are told each."""
NUMBERS: Final = ("a whole number", "a number")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Tell of options whose value was not of their kind."""
    program = "trl" if intent.launcher == "trl" else intent.engine
    if program not in _PROGRAMS:
        return does_not_apply("the program's options are not all known")
    if not intent.arguments:
        return does_not_apply("the command gives no options")
    wrong = [one for one in intent.arguments if one.lacks and _is_refused(one, program)]
    if wrong:
        return [_told(one) for one in wrong[:_MOST]]
    return passed("Every option has a value of its kind.")


def _is_refused(one: Argument, program: str) -> bool:
    """Say whether the program stops at a value; one that is filled in later is not judged."""
    value = one.value
    if value is None:
        # llama.cpp takes whatever word comes next, one that begins with a hyphen too.
        return program != "llama.cpp"
    if _FILLED_IN.search(value):
        return False
    if one.lacks in NUMBERS:
        # The numbers of llama.cpp are read as far as they are numbers; which of a trainer's are
        # whole changes between releases.
        reads_on = program == "llama.cpp" and _STARTS_LIKE_A_NUMBER.match(value) is not None
        reads_on = reads_on or (program == "trl" and value_of(value, Takes.FLOAT) is not None)
        return not reads_on and value.strip().lower() not in _WORDS
    # Other options take a name or pairs in the place of JSON.
    is_json = program == "vllm" and one.name in _JSON_ALONE and value.lower() not in ("none", "")
    return is_json or value.lstrip().startswith(("{", "["))


def _told(one: Argument) -> Verdict:
    name = text_word(one.written)
    if one.value is None:
        return failed(
            f"The option {one.written} is given no value, and needs one.",
            seen(one.written),
            remedy=f"Write {name} VALUE, or leave it out.",
        )
    right = _right(one.value) if one.lacks == NUMBERS[0] else None
    meant = f"Write {name} {right}." if right else f"Give {name} {one.lacks}."
    if one.lacks not in NUMBERS:
        meant = f'Give {name} {one.lacks}: \'{{"key": "value"}}\', with double quotes inside.'
    return failed(
        f"The option {one.written} takes {one.lacks}, and {shortened(one.value)} is none.",
        seen(f"{one.written} {one.value}"),
        remedy=meant,
    )


def _right(value: str) -> str | None:
    """Return the whole number that a value says in another form (1e5, 8_192.0, 32,768)."""
    if len(value) > 20:
        return None
    try:
        number = float(value.replace(",", ""))
        return str(int(number)) if number == int(number) and abs(number) < 1e12 else None
    except (ValueError, OverflowError):
        return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, option: str, value: str | None, lacks: str | None, engine: str = "vllm"
    ) -> Example:
        said = Argument(written=f"--{option}", name=option, value=value, lacks=lacks)
        intent = Intent(engine=engine, arguments=(said,))
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    whole, number = NUMBERS
    yield of(Outcome.FAIL, "max-model-len", "abc", whole)
    yield of(Outcome.FAIL, "max-model-len", "1e5", whole)
    yield of(Outcome.FAIL, "gpu-memory-utilization", "90%", number)
    yield of(Outcome.FAIL, "hf-overrides", "{rope_scaling: 4}", "JSON")
    yield of(Outcome.FAIL, "hf_overrides", "rope_scaling=4", "JSON")
    yield of(Outcome.FAIL, "port", None, "a value")
    yield of(Outcome.FAIL, "ctx-size", "abc", whole, "llama.cpp")
    yield of(Outcome.PASS, "prompt", None, "a value", "llama.cpp")
    yield of(Outcome.PASS, "ctx-size", "32k", whole, "llama.cpp")
    yield of(Outcome.PASS, "n-gpu-layers", "all", whole, "llama.cpp")
    yield of(Outcome.PASS, "max-model-len", "$LENGTH", whole)
    yield of(Outcome.PASS, "limit-mm-per-prompt", "image=2", "JSON")
    yield of(Outcome.PASS, "max-model-len", "8192", None)
    yield of(Outcome.SKIP, "max_steps", "abc", whole, "transformers")
    for outcome, value in ((Outcome.FAIL, "abc"), (Outcome.PASS, "1e3")):
        said = Argument(written="--max_steps", name="max_steps", value=value, lacks=whole)
        trains = Intent(engine="trl", launcher="trl", arguments=(said,))
        yield Example(outcome=outcome, snapshot=world(), intent=trains)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="does not apply")
