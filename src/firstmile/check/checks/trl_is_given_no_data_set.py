"""A command of TRL names the data that it is to train on.

Why: the commands of TRL take their data from --dataset_name, or from a list `datasets` in the file
behind --config. Without either they load the model first and then stop: "Either `datasets` or
`dataset_name` must be provided", or, in older releases, an error of load_dataset about None.

Fix: add --dataset_name with an id on the Hub or a folder, or a list `datasets` in the file.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import hidden_settings, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/clis",),
)
_NAMES: Final = ("dataset_name", "datasets", "dataset_mixture")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a name of data, on the command line and in the file of settings."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.program != "trl" or intent.engine != "trl":
        return does_not_apply("no command of TRL")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    get = settings_of(intent)
    named = next((each for each in _NAMES if get.has(each)), None)
    if named is not None:
        return passed("The data are named.", seen(f"{named} = {get.values[named]}"))
    if any("dataset" in each or "--config" in each for each in intent.unread):
        return not_known("all that the command says of its data")
    return failed(
        "The command names no data to train on.",
        seen("neither dataset_name nor datasets is set"),
        remedy="Add --dataset_name with an id on the Hub or a folder.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, command: str = "trl sft", **said: Any) -> Example:
        unread = said.pop("unread", ())
        intent = tuning(engine="trl", command=command, settings=said, unread=unread)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL)
    yield of(Outcome.FAIL, output_dir="o")
    yield of(Outcome.PASS, dataset_name="trl-lib/Capybara")
    yield of(Outcome.PASS, datasets=[{"path": "trl-lib/Capybara"}])
    yield of(Outcome.SKIP, unread=("--dataset_nam d (did you mean --dataset-name?)",))
    yield of(Outcome.SKIP, "trl sft --config x.yaml")
    yield of(Outcome.SKIP, "trl sft --config $C", unread=("$C (it cannot be read)",))
    yield of(Outcome.SKIP, "python sft.py")
