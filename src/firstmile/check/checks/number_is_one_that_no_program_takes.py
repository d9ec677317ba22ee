"""Sizes, lengths and ports are numbers that a program can work with.

Why: no server splits a model into 0 parts, answers 0 requests at once or keeps a context of -5
tokens, and ports end at 65535. Argument parsers let most of these through as whole numbers, and
the program stops later, with an assertion, a division by zero or "port must be 0-65535"; or it
reads -5 as a number of 32 bits without a sign and asks for four billion tokens.

Fix: give the number that you meant, or leave the setting out.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.intent import Argument, Impossible, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, shortened
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.vllm.ai/en/latest/cli/serve.html",
        "https://docs.sglang.ai/advanced_features/server_arguments.html",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Tell of each number that was set apart."""
    if intent.impossible:
        return [_impossible(one) for one in dict.fromkeys(intent.impossible)]
    if not any((one.value or "").isdigit() for one in intent.arguments):
        return does_not_apply("the command sets no numbers")
    return passed("Every size, length and port of the command is one that a program takes.")


def _impossible(one: Impossible) -> Verdict:
    kind = f"at least {one.least}"
    if one.most is not None:
        kind = f"from {one.least} to {one.most}"
    written = shortened(one.written)
    return failed(
        f"No program takes {written}: a {one.words} is {kind}.",
        seen(written),
        remedy=f"Give a {one.words} of {kind}, or leave it out.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*found: Impossible) -> Intent:
        return Intent(engine="vllm", impossible=found)

    size = Impossible(written="-tp 0", words="tensor parallel size", least=1)
    port = Impossible(written="--port 99999", words="port", least=0, most=65535)
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=of(size), says="-tp 0")
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=of(port), says="from 0 to 65535")
    said = Argument(written="-tp", name="tensor_parallel_size", value="2")
    fine = Intent(engine="vllm", arguments=(said,))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=fine)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="vllm"))
