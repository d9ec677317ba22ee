"""The data sets that LLaMA-Factory is to train on are in its dataset_info.json.

Why: LLaMA-Factory takes names and no paths: each is looked up in the file dataset_info.json of the
folder that `dataset_dir` names ("data" where nothing is said). One that is not there ends in
"Undefined dataset ... in dataset_info.json", once the tokenizer is loaded.

Fix: add an entry with the file's name to dataset_info.json, or correct the name.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.intent import Action, Intent, Training, Unknown
from firstmile.check.training_settings import DESCRIBED
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    shortened,
)
from firstmile.check.words_to_copy import python_text, text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    stage="fine-tuning",
    references=(
        "https://github.com/hiyouga/LlamaFactory/issues/5341",
        "https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md",
    ),
)
_MOST: Final = 5
"""Data sets that are told each."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Name each data set that the list has not."""
    if intent.engine != "llama-factory" or intent.training is None:
        return does_not_apply("no training of LLaMA-Factory is started")
    missing = [one for one in intent.unknown if one.kind == "data set"]
    if missing:
        return [_missing(one) for one in missing[:_MOST]]
    if not intent.training.settings.get(DESCRIBED):
        return not_known("the data sets, and what dataset_info.json says of them")
    return passed("The data sets are in dataset_info.json.")


def _missing(one: Unknown) -> Verdict:
    name = shortened(one.written)
    meant = f"Write {text_word(one.near)}, if that is meant, or add" if one.near else "Add"
    return failed(
        f"The data set {name} is not in dataset_info.json.",
        seen(f"dataset: {name}"),
        remedy=f'{meant} an entry to that file: {python_text(name)}: {{"file_name": "..."}}.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *unknown: Unknown, says: str = "", engine: str = "") -> Example:
        said = {} if says else {DESCRIBED: {"data/mine.json": {"file_name": "mine.json"}}}
        intent = Intent(
            action=Action.FINE_TUNE,
            engine=engine or "llama-factory",
            training=Training(settings=said),
            unknown=unknown,
        )
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    yield of(Outcome.FAIL, Unknown(kind="data set", written="my_data"))
    yield of(Outcome.FAIL, Unknown(kind="data set", written="alpca", near="alpaca", typed=True))
    yield of(Outcome.PASS)
    yield of(Outcome.PASS, Unknown(kind="setting", written="bogus_key"))
    yield of(Outcome.SKIP, says="not known")
    yield of(Outcome.SKIP, engine="axolotl", says="does not apply")
