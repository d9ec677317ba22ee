"""The package behind the optimizer that the command names is installed.

Why: 8-bit, paged and Lion optimizers come from bitsandbytes, GaLore, APOLLO, LOMO and
schedule-free ones from packages of their own. Without it the Trainer stops when it makes the
optimizer, after the model was loaded: "You need to install bitsandbytes in order to use
bitsandbytes optimizers".

Fix: install the package, or use --optim adamw_torch (adamw_torch_fused), which needs none.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.interpreters import PACKAGES
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/optimizers",),
)
_PREFIXES: Final = {
    "paged_": "bitsandbytes",
    "adamw_bnb": "bitsandbytes",
    "adamw_8bit": "bitsandbytes",
    "lion_": "bitsandbytes",
    "ademamix": "bitsandbytes",
    "rmsprop_bnb": "bitsandbytes",
    "galore_": "galore-torch",
    "apollo_": "apollo-torch",
    "lomo": "lomo-optim",
    "adalomo": "lomo-optim",
    "grokadamw": "grokadamw",
    "schedule_free_": "schedulefree",
    "adamw_torch_4bit": "torchao",
    "adamw_torch_8bit": "torchao",
    "stable_adamw": "torch-optimi",
}
"""From transformers 5.23, trainer_optimizer.py."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the package."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    name = (training.optimizer or "").lower()
    needed = next((pkg for start, pkg in _PREFIXES.items() if name.startswith(start)), None)
    if needed is None:
        return does_not_apply("the optimizer is torch's own, or none is named")
    if (training.deepspeed or {}).get("optimizer") is not None:
        return does_not_apply("DeepSpeed makes the optimizer, by its own file")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    found = python.package(needed)
    if found is not None:
        return passed(f"{found.name.capitalize()} is there for {name}.", installed(found))
    if needed not in PACKAGES:
        return not_known(f"whether {needed} is installed, which {name} needs")
    return failed(
        f"The optimizer {name} needs {needed}, which is not installed.",
        seen(f"optim = {name}"),
        remedy=f"Run pip install {needed}, or say --optim adamw_torch.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, name: str | None, *packages: str) -> Example:
        here = machine(packages={"torch": "2.6.0", **dict.fromkeys(packages, "0.45.0")})
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(optimizer=name))

    yield of(Outcome.FAIL, "paged_adamw_8bit")
    yield of(Outcome.PASS, "paged_adamw_8bit", "bitsandbytes")
    yield of(Outcome.FAIL, "lion_8bit")
    yield of(Outcome.FAIL, "adamw_torch_4bit")
    yield of(Outcome.SKIP, "adamw_torch")
    yield of(Outcome.SKIP, None)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(optimizer="lion_8bit"))
