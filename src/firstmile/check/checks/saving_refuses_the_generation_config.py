"""The generation config of a model that is trained in full can be saved with it.

Why: a temperature, a top_p or a top_k beside a do_sample that is false or missing is read with a
warning, and refused when it is written, by transformers 4.37 and later of 4: "The generation config
instance is invalid". So a training ends at its first checkpoint, be it after hours. transformers 5
saves such a model all the same.

Fix: set "do_sample": true in the model's generation_config.json, or take the other settings out of
it; in a script, model.generation_config.do_sample = True before the training.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import generation_config_of, model_of
from firstmile.check.training_sizes import TRAINERS, release_here, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    stated,
)
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/inference",
    stage="fine-tuning",
    entries=("generation-config-contradicts-itself-on-saving",),
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)
_FILE: Final = "generation_config.json"
_NEUTRAL: Final = {"temperature": 1.0, "top_p": 1.0, "top_k": 50, "min_p": None, "typical_p": 1.0}
"""Values beside which nothing is said, in `GenerationConfig.validate` of 4.38 and 4.46."""
_SINCE: Final = (4, 37)
"""Its `save_pretrained` warns in 4.36.2. Tried: a model saved by 4.46.3 and by 5.23.0."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for settings of sampling without sampling, where the whole model is saved."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in TRAINERS:
        return does_not_apply("no Trainer of transformers saves the model")
    if training.method in ("lora", "qlora") or training.lora is not None:
        return does_not_apply("of an adapter no generation config is saved")
    if training.save_strategy == "no":
        return does_not_apply("no checkpoint is saved")
    if model_of(snapshot) is None:
        return not_known("the model's folder")
    config = generation_config_of(snapshot)
    if config is None:
        return does_not_apply("the model has no generation config of its own")
    odd = [
        name
        for name, neutral in _NEUTRAL.items()
        if config.get(name) is not None and config[name] != neutral
    ]
    if not odd:
        return passed("The generation config says nothing that only sampling heeds.")
    proof = [stated(_FILE, name, config[name]) for name in odd]
    if config.get("do_sample") is True:
        return passed("Sampling is on beside its settings.", *proof)
    release = release_here(snapshot, "transformers")
    if release is None:
        return not_known("the installed transformers")
    if not _SINCE <= release < (5, 0):
        return passed("This transformers saves it all the same.", *proof)
    return failed(
        f"Saving a checkpoint will be refused: {' and '.join(odd)} without do_sample.",
        stated(_FILE, "do_sample", config.get("do_sample")),
        *proof,
        remedy='Set "do_sample": true in the generation_config.json of the model.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, config: Any, version: str = "4.46.3", **said: Any) -> Example:
        trees = {} if config is None else {_FILE: config}
        here = machine(packages={"transformers": version, "torch": "2.5.1"})
        there = world(folder(config=LLAMA, documents=trees), here)
        return Example(outcome=outcome, snapshot=there, intent=tuning(**said))

    bad = {"do_sample": False, "temperature": 0.9, "top_p": 0.6}
    yield of(Outcome.FAIL, bad)
    yield of(Outcome.FAIL, {"temperature": 0.6}, "4.52.4", engine="trl")
    yield of(Outcome.PASS, bad, "5.2.0")
    yield of(Outcome.PASS, {**bad, "do_sample": True})
    yield of(Outcome.PASS, {"do_sample": False, "temperature": 1.0, "top_p": 1.0, "top_k": 50})
    yield of(Outcome.PASS, bad, "4.36.2")
    yield of(Outcome.SKIP, bad, **adapter())
    yield of(Outcome.SKIP, bad, save_strategy="no")
    yield of(Outcome.SKIP, None)
