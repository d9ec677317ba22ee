"""The cache of keys and values is off where activations are recomputed.

Why: gradient checkpointing runs layers a second time, and a cache would be written twice. The
models of transformers switch it off with a warning ("use_cache=True is incompatible with gradient
checkpointing"); code of a repository's own often does not, and ends with another number of saved
tensors in the second run.

Fix: say --use_cache False, or set model.config.use_cache = False.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/operation-restriction",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("recomputed-activations-differ-from-the-first-pass",),
    references=("https://huggingface.co/docs/transformers/perf_train_gpu_one",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at both settings, and at whose code runs."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.gradient_checkpointing:
        return does_not_apply("no activations are recomputed")
    if training.use_cache is False:
        return passed("The cache is off.", seen("use_cache = False"))
    config = snapshot.model.config if snapshot.model else None
    if training.use_cache:
        return warned(
            "The cache is asked for though activations are recomputed.",
            seen("use_cache = True"),
            seen("gradient_checkpointing = True"),
            remedy="Say --use_cache False.",
        )
    if config is None:
        return not_known("the model's config")
    if not config.get("auto_map") or not intent.trust_remote_code:
        return passed("The models of transformers switch the cache off.")
    if config.get("use_cache") is not True:
        return not_known("whether the model's own code keeps a cache")
    return warned(
        "The model's own code runs with its cache on though activations are recomputed.",
        stated("config.json", "use_cache", True),
        seen("gradient_checkpointing = True"),
        remedy="Set model.config.use_cache = False, or use_cache: false in config.json.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    own = {**LLAMA, "auto_map": {"AutoModel": "m.M"}, "use_cache": True}

    def of(outcome: Outcome, config: Any = LLAMA, **said: Any) -> Example:
        said = {"gradient_checkpointing": True, **said}
        model = folder(config=config) if config is not None else None
        return Example(outcome=outcome, snapshot=world(model), intent=tuning(**said))

    yield of(Outcome.WARN, use_cache=True)
    yield of(Outcome.PASS, use_cache=False)
    yield of(Outcome.PASS)
    yield of(Outcome.WARN, own, trust_remote_code=True)
    yield of(Outcome.PASS, own, trust_remote_code=False)
    yield of(Outcome.SKIP, None)
    yield of(Outcome.SKIP, gradient_checkpointing=False)
