"""TRL's length limit goes together with packing and padding-free training.

Why: from 1.0 on TRL refuses padding_free without packing while max_length is set, and it is 1,024
where nothing is said: "When padding_free=True without packing, max_length is not enforced".
Packing is the other way round: "When packing is enabled, max_length can't be None".

Fix: switch packing on beside padding_free, or set max_length to None for data that is short enough.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import hidden_settings, release_here, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/sft_trainer",),
)
_NOTHING: Final = ("none", "null")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the three settings together."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "trl":
        return does_not_apply("TRL does not train")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    raw = settings_of(intent).values.get("max_length", training.max_length)
    unlimited = str(raw).lower() in _NOTHING and raw is not None
    if training.packing:
        if unlimited:
            return failed(
                "Packing needs a length, and max_length is None.",
                seen("packing = True"),
                seen("max_length = None"),
                remedy="Say --max_length 4096 (the length of a row).",
            )
        return passed("Packing has a length.", seen("packing = True"))
    if not training.padding_free:
        return does_not_apply("neither packing nor padding-free training is asked for")
    if unlimited:
        return passed("No length is to be kept.", seen("padding_free = True"))
    release, package = release_here(snapshot, "trl"), package_of(snapshot, "trl")
    if release is None or package is None:
        return not_known("the installed trl")
    if release < (1,):
        return passed("This TRL does not refuse it.", installed(package))
    return failed(
        "TRL refuses padding_free without packing while a max_length is set.",
        seen("padding_free = True"),
        seen(f"max_length = {training.max_length or '1024, the default'}"),
        installed(package),
        remedy="Add --packing True, or set max_length to null in the config file.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, trl: str = "1.16.0", **said: Any) -> Example:
        said = {"engine": "trl", **said}
        here = machine(packages={"trl": trl})
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    yield of(Outcome.FAIL, padding_free=True)
    yield of(Outcome.FAIL, padding_free=True, max_length=2048)
    yield of(Outcome.PASS, padding_free=True, flags={"max_length": "None"})
    yield of(Outcome.PASS, padding_free=True, packing=True)
    yield of(Outcome.PASS, "0.24.0", padding_free=True)
    yield of(Outcome.FAIL, packing=True, flags={"max_length": "None"})
    yield of(Outcome.PASS, packing=True, max_length=2048)
    yield of(Outcome.SKIP, engine="axolotl", packing=True)
    yield of(Outcome.SKIP)
