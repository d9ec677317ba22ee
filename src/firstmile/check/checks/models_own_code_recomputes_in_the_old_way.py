"""A model's own code and transformers 4.35 agree on how activations are recomputed.

Why: transformers 4.35 calls _set_gradient_checkpointing by other names than before. Code of a
model that was written for older releases ends in "_set_gradient_checkpointing() got an unexpected
keyword argument 'enable'" before the first step. From 4.36 on both ways are taken.

Fix: pip install "transformers>=4.36", or "transformers<4.35"; or train without
gradient_checkpointing.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import (
    installed,
    installed_release,
    package_of,
)
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.own_code import auto_map, uses_transformers
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
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    references=(
        "https://github.com/huggingface/transformers/pull/27020",
        "https://github.com/axolotl-ai-cloud/axolotl/issues/895",
    ),
)
_BREAKS: Final = (4, 35)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for that release beside code of the model, where activations are recomputed."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not uses_transformers(intent):
        return does_not_apply(f"{intent.engine} does not run the model's own code")
    if training.gradient_checkpointing is not True:
        return does_not_apply("activations are not recomputed")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    code = auto_map(config).get("AutoModelForCausalLM") or auto_map(config).get("AutoModel")
    if code is None:
        return does_not_apply("the model brings no code of its own")
    library = package_of(snapshot, "transformers")
    release = installed_release(snapshot, "transformers")
    if library is None or release is None:
        return not_known("the installed transformers")
    proof = (
        stated("config.json", "auto_map", code),
        seen("gradient_checkpointing = true"),
        installed(library),
    )
    if release != _BREAKS:
        return passed("This transformers calls the model's code in its own way.", *proof)
    return warned(
        "This transformers calls code of models for recomputing in a way that code written "
        "before does not take.",
        *proof,
        remedy='pip install "transformers>=4.36", or "transformers<4.35".',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    own = {
        **LLAMA,
        "model_type": "qwen",
        "auto_map": {"AutoModelForCausalLM": "modeling_qwen.QWenLMHeadModel"},
    }

    def of(outcome: Outcome, version: str, config: Any = own, **said: Any) -> Example:
        here = computer(package("transformers", version), package("torch", "2.1.0"))
        intent = tuning(**{"gradient_checkpointing": True, **said})
        return Example(outcome=outcome, snapshot=world(folder(config=config), here), intent=intent)

    yield of(Outcome.WARN, "4.35.2")
    yield of(Outcome.PASS, "4.34.1")
    yield of(Outcome.PASS, "4.36.0")
    yield of(Outcome.SKIP, "4.35.2", LLAMA)
    yield of(Outcome.SKIP, "4.35.2", gradient_checkpointing=False)
    alone = world(folder(config=own))
    asked = tuning(gradient_checkpointing=True)
    yield Example(outcome=Outcome.SKIP, snapshot=alone, intent=asked, says="not known")
