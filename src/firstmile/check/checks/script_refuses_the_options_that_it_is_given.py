"""A script takes the options that the command gives it, and is given those that it requires.

Why: a parser of options (argparse, HfArgumentParser) ends the run at the first line that asks it,
where an option is missing that it requires, where it has none of that name, or where a value is
not of the kind or among the choices that it takes: "the following arguments are required",
"unrecognized arguments". Under torchrun or accelerate each process ends so, and what is left is a
ChildFailedError. Only parsers whose options are all literals of the script are judged.

Fix: give the option that is missing, by the name that the script has for it; python SCRIPT --help
lists all of them.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.flags import is_flag
from firstmile.check.intent import Intent, OwnOptions
from firstmile.check.unit import About, Example
from firstmile.check.unknown_words import unknown
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.python.org/3/library/argparse.html",
        "https://huggingface.co/docs/transformers/internal/trainer_utils",
    ),
)
_MOST: Final = 5
"""Options that are named each."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Tell what the script's own parser says to the words."""
    own = intent.own_options
    if own is None:
        return does_not_apply("no script is started whose own options are all known")
    proof = seen(own.where)
    if own.missing:
        return failed(
            f"The script requires {_listed(own.missing)}, and ends at once without.",
            proof,
            remedy=f"Add {' and '.join(_with_a_value(each) for each in own.missing[:_MOST])}.",
        )
    if own.unknown:
        wrong = tuple(each for each in own.unknown if is_flag(each)) or own.unknown
        return failed(
            f"The script has no option for {_listed(wrong)}, and ends at once.",
            proof,
            remedy=_meant(wrong[0], own),
        )
    if own.refuses:
        return failed(
            f"The script ends at once: {own.refuses}.",
            proof,
            remedy="Give it a value that it takes; --help lists them.",
        )
    return passed("The script is given what it requires, and nothing that it refuses.", proof)


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


def _with_a_value(name: str) -> str:
    return f"{text_word(name)} VALUE" if name.startswith("-") else f"a word for {text_word(name)}"


def _meant(word: str, own: OwnOptions) -> str:
    name = word.partition("=")[0]
    near = unknown("option", name, own.known).near if name.startswith("-") else None
    if near is not None:
        return f"Write {text_word(near)}, if that is meant."
    return f"Leave {text_word(name)} out; --help lists what the script has."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, says: str = "", **said: Any) -> Example:
        own = OwnOptions(where="parser.parse_args() in line 9 of lora.py", **said)
        intent = Intent(own_options=own)
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    yield of(Outcome.FAIL, missing=("--model", "data"), says="requires --model, data")
    yield of(Outcome.FAIL, unknown=("--lr_rate", "3"), known=("--lr",), says="--lr_rate")
    yield of(Outcome.FAIL, unknown=("--lorra_r=8",), known=("--lora_r",), says="--lorra_r=8")
    yield of(Outcome.FAIL, unknown=("data.json",))
    yield of(Outcome.FAIL, refuses="argument --epochs: invalid int value: '1e3'", says="1e3")
    yield of(Outcome.PASS)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="vllm"))
