"""The experiment tracker that a training reports to is known, and needs no question answered.

Why: the Trainer stops at a tracker that it does not know ("... is not supported, only ... are
supported"). Weights & Biases asks for a key where none is set: without a terminal the run waits or
ends, without a network it retries for minutes. Up to transformers 4 every tracker that is installed
is used where nothing is said.

Fix: say --report_to none, or set WANDB_MODE=offline.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import TRAINERS, settings_of, training_in
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
    symptom="hang/fine-tuning",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("wandb-waits-for-a-choice",),
    references=("https://docs.wandb.ai/guides/track/environment-variables",),
)
_TRACKERS: Final = frozenset(
    ("all", "none", "azure_ml", "comet_ml", "mlflow", "neptune", "tensorboard", "trackio",
     "wandb", "codecarbon", "clearml", "dagshub", "flyte", "dvclive", "swanlab", "kubeflow")
)  # fmt: skip
_SETTLED: Final = ("WANDB_API_KEY", "WANDB_DISABLED", "WANDB_BASE_URL")
_QUIET: Final = ("offline", "disabled", "dryrun")
_OFFLINE: Final = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the names, and at what Weights & Biases is told."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in TRAINERS:
        return does_not_apply("the Trainer of transformers does not run")
    named = settings_of(intent).texts("report_to")
    if not named:
        return does_not_apply("the command names no tracker")
    unknown = [each for each in named if each.lower() not in _TRACKERS]
    if unknown:
        return failed(
            f"The Trainer knows no tracker {unknown[0]}.",
            seen(f"report_to = {' '.join(named)}"),
            remedy="Say --report_to none, tensorboard or wandb.",
        )
    if "wandb" not in named:
        return passed(f"The training reports to {', '.join(named)}.")
    mode = (value_of(snapshot, intent, "WANDB_MODE") or "").lower()
    if mode in _QUIET or any(value_of(snapshot, intent, each) for each in _SETTLED):
        return passed("Weights & Biases asks for nothing.", seen("report_to = wandb"))
    offline = next((each for each in _OFFLINE if value_of(snapshot, intent, each)), None)
    if offline is not None:
        return warned(
            "The training reports to Weights & Biases, and the machine is set to be offline.",
            seen("report_to = wandb"),
            seen(f"{offline} is set"),
            remedy="Set WANDB_MODE=offline, or say --report_to none.",
        )
    return not_known("whether Weights & Biases has a key on this machine")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, names: str | None, **variables: str) -> Example:
        flags: Any = {"report_to": names} if names else {}
        here = machine(variables=variables)
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(flags=flags))

    yield of(Outcome.FAIL, "weights_and_biases")
    yield of(Outcome.WARN, "wandb", HF_HUB_OFFLINE="1")
    yield of(Outcome.PASS, "wandb", HF_HUB_OFFLINE="1", WANDB_MODE="offline")
    yield of(Outcome.PASS, "none")
    yield of(Outcome.PASS, "tensorboard wandb", WANDB_API_KEY="<set>")
    yield of(Outcome.SKIP, "wandb")
    yield of(Outcome.SKIP, None)
