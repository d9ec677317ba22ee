"""DDP does not search for unused parameters while activations are recomputed reentrantly.

Why: with ddp_find_unused_parameters DDP marks parameters as ready after the forward pass, and
reentrant checkpointing runs the layers a second time in the backward pass: "Expected to mark a
variable ready only once". The Trainer switches the search off under checkpointing by itself,
unless the command asks for it.

Fix: leave --ddp_find_unused_parameters out or set it to False, or use non-reentrant checkpointing.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    processes_of,
    release_here,
    settings_of,
    training_in,
    truth_of,
)
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
    symptom="crash/value/operation-restriction",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("ddp-counts-a-checkpointed-parameter-twice",),
    references=("https://pytorch.org/docs/stable/notes/ddp.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the search beside reentrant checkpointing."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    get = settings_of(intent)
    search = get.truth("ddp_find_unused_parameters")
    if search is None:
        return does_not_apply("the command says nothing of unused parameters")
    if training.deepspeed is not None or training.fsdp is not None:
        return does_not_apply("DDP is not used")
    recompute = training.gradient_checkpointing
    if recompute is None:
        recompute = intent.engine == "trl"
    if not search or not recompute:
        return passed("DDP searches for unused parameters only where nothing is recomputed.")
    count = processes_of(snapshot, intent)
    if count is None:
        return not_known("the number of processes")
    if count == 1:
        return does_not_apply("one process trains")
    kwargs = get.tree("gradient_checkpointing_kwargs") or {}
    reentrant = truth_of(kwargs.get("use_reentrant"))
    proof = (seen("ddp_find_unused_parameters = True"), seen("activations are recomputed"))
    remedy = "Say --ddp_find_unused_parameters False."
    release = release_here(snapshot, "transformers")
    if reentrant is None and release is not None and intent.engine != "trl":
        reentrant = release < (5,)
    if reentrant:
        return failed(
            "DDP searches for unused parameters, and layers are run twice by reentrant "
            "checkpointing.",
            *proof,
            remedy=remedy,
        )
    if reentrant is False or intent.engine == "trl":
        return passed("Checkpointing is not reentrant.", *proof)
    return warned(
        "DDP searches for unused parameters, which fails if checkpointing is reentrant.",
        *proof,
        remedy=remedy,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, search: str | None, version: str = "4.46.3", **said: Any) -> Example:
        flags: dict[str, Any] = {"ddp_find_unused_parameters": search} if search else {}
        if "kwargs" in said:
            flags["gradient_checkpointing_kwargs"] = said.pop("kwargs")
        said = {"gradient_checkpointing": True, "processes": 4, **said}
        here = machine(packages={"transformers": version})
        return Example(
            outcome=outcome, snapshot=world(None, here), intent=tuning(flags=flags, **said)
        )

    yield of(Outcome.FAIL, "True")
    yield of(Outcome.FAIL, "True", "5.2.0", kwargs='{"use_reentrant": true}')
    yield of(Outcome.PASS, "True", kwargs='{"use_reentrant": false}')
    yield of(Outcome.PASS, "False")
    yield of(Outcome.PASS, "True", gradient_checkpointing=False)
    yield of(Outcome.PASS, "True", engine="trl", gradient_checkpointing=None)
    yield of(Outcome.SKIP, "True", processes=1)
    yield of(Outcome.SKIP, "True", deepspeed={})
    yield of(Outcome.SKIP, None)
