"""A training that evaluates has data to evaluate on.

Why: the Trainer stops with "You have set args.eval_strategy to ... but you didn't pass an
eval_dataset", LLaMA-Factory with "Please make sure eval_dataset be provided or val_size >1e-6",
axolotl with "eval_steps and eval_strategy are not supported with val_set_size == 0". TRL's
commands take the split named test, which a single local file does not have: "KeyError: 'test'".

Fix: name data for evaluation, split some off (val_size, val_set_size), or say --eval_strategy no.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.installed import installed_release
from firstmile.check.intent import Argument, Intent
from firstmile.check.scripts.kinds import NOTHING
from firstmile.check.training_sizes import hidden_settings, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)
_NAMES: Final = (
    "eval_dataset",
    "validation_file",
    "eval_data_path",
    "test_file",
    "test_datasets",
    "dataset_test_split",
    "validation_split_percentage",
)
_REFUSED: Final = (4, 46)
"""transformers whose Trainer stops as it is made; earlier ones stop at the first evaluation."""
_SHARES: Final = ("val_size", "val_set_size", "validation_split_percentage", "eval_split_ratio")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for data of evaluation where it is asked for."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    get = settings_of(intent)
    if training.evaluation_strategy in (None, "no") and not get.truth("do_eval"):
        return does_not_apply("no evaluation is asked for")
    asked = seen(f"eval_strategy = {training.evaluation_strategy or 'do_eval'}")
    shares = [get.number(name) for name in _SHARES if get.has(name)]
    if any(get.has(name) for name in _NAMES) or any(share for share in shares if share):
        return passed("There is data to evaluate on.", asked)
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    if intent.engine == "llama-factory":
        return failed(
            "Evaluation is asked for, with neither eval_dataset nor val_size.",
            asked,
            remedy="Set val_size: 0.05, name an eval_dataset, or set eval_strategy: no.",
        )
    if intent.engine == "axolotl":
        if shares:
            return failed(
                "Evaluation is asked for, and val_set_size is 0.",
                asked,
                remedy="Set val_set_size: 0.05, or name test_datasets.",
            )
        return not_known("whether axolotl's default leaves data for evaluation")
    given = _given_by_name(intent)
    if given is not None:
        if given:
            return passed("The trainer is given eval_dataset.", asked)
        release = installed_release(snapshot, "transformers")
        say = warned if release is not None and release < _REFUSED else failed
        return say(
            "Evaluation is asked for, and the trainer is given no eval_dataset.",
            asked,
            seen(next(one.written for one in intent.arguments if one.name.endswith("Trainer"))),
            remedy="Give it eval_dataset=..., or say --eval_strategy no.",
        )
    if intent.launcher == "trl" and training.datasets:
        return warned(
            "TRL evaluates on the split test, which a local file does not have.",
            asked,
            seen(f"data: {training.datasets[0].path}"),
            remedy="Say --eval_strategy no, or give a folder with files named train and test.",
        )
    return not_known("the data that the script evaluates on")


def _given_by_name(intent: Intent) -> bool | None:
    """Say whether a script's trainer is given data to evaluate on; None where that is not read."""
    name = next((one.name for one in intent.arguments if one.name.endswith("Trainer")), None)
    if name is None:
        return None
    found = [one.value for one in intent.arguments if one.name == f"{name}.eval_dataset"]
    return bool(found) and found[0] != NOTHING


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, engine: str, strategy: str | None = "steps", **more: Any) -> Example:
        intent = tuning(engine=engine, evaluation_strategy=strategy, settings=more)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "llama-factory")
    yield of(Outcome.FAIL, "llama-factory", val_size=0)
    yield of(Outcome.PASS, "llama-factory", val_size=0.05)
    yield of(Outcome.PASS, "llama-factory", eval_dataset="alpaca_en")
    yield of(Outcome.FAIL, "axolotl", val_set_size=0)
    yield of(Outcome.PASS, "transformers", validation_file="v.json")
    yield of(Outcome.SKIP, "transformers")
    yield of(Outcome.SKIP, "axolotl")
    yield of(Outcome.SKIP, "llama-factory", "no")

    def code(
        outcome: Outcome, *names: str, transformers: str = "4.57.1", value: str = ""
    ) -> Example:
        intent = replace(
            tuning(evaluation_strategy="epoch"),
            arguments=tuple(Argument(written=one, name=one, value=value) for one in names),
        )
        here = machine(packages={"transformers": transformers})
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    yield code(Outcome.FAIL, "Trainer", "Trainer.train_dataset")
    yield code(Outcome.WARN, "Trainer", "Trainer.model", transformers="4.41.0")
    yield code(Outcome.PASS, "SFTTrainer", "SFTTrainer.eval_dataset")
    yield code(Outcome.FAIL, "Trainer", "Trainer.eval_dataset", value=NOTHING)
    yield code(Outcome.SKIP, "Trainer.train_dataset")
