"""Under ZeRO stage 3 a model is loaded in ZeRO's own way, not in the one that saves memory.

Why: low_cpu_mem_usage makes a model without weights first and puts them in later, ZeRO 3 parts
each weight as it is made. transformers 4 refuses both together: "DeepSpeed Zero-3 is not
compatible with low_cpu_mem_usage=True or with passing a device_map". transformers 5 passes over
the argument.

Fix: say --low_cpu_mem_usage False, or leave it out.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import release_here, settings_of, training_in, zero_stage
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("zero-3-with-a-device-map",),
    references=("https://huggingface.co/docs/transformers/deepspeed",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the argument beside stage 3."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if zero_stage(training) != 3:
        return does_not_apply("ZeRO stage 3 is not used")
    said = settings_of(intent).truth("low_cpu_mem_usage")
    if said is None:
        return does_not_apply("the command says nothing of low_cpu_mem_usage")
    if intent.engine == "llama-factory":
        return passed("LLaMA-Factory switches it off under stage 3.")
    if not said:
        return passed("The model is loaded in ZeRO's own way.", seen("low_cpu_mem_usage = False"))
    release, package = (
        release_here(snapshot, "transformers"),
        package_of(snapshot, "transformers"),
    )
    if release is None or package is None:
        return not_known("the installed transformers")
    if release >= (5,):
        return passed("This transformers passes over low_cpu_mem_usage.", installed(package))
    return failed(
        "The command asks for low_cpu_mem_usage, which is refused under ZeRO stage 3.",
        seen("low_cpu_mem_usage = True"),
        seen("zero_optimization.stage = 3"),
        installed(package),
        remedy="Say --low_cpu_mem_usage False.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        said: str | None,
        version: str = "4.57.1",
        *,
        stage: int = 3,
        engine: str = "transformers",
    ) -> Example:
        flags = {"low_cpu_mem_usage": said} if said else {}
        tree = {"zero_optimization": {"stage": stage}}
        here = machine(packages={"transformers": version})
        intent = tuning(deepspeed=tree, flags=flags, engine=engine)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    yield of(Outcome.FAIL, "True")
    yield of(Outcome.PASS, "False")
    yield of(Outcome.PASS, "True", "5.2.0")
    yield of(Outcome.PASS, "True", engine="llama-factory")
    yield of(Outcome.SKIP, "True", stage=2)
    yield of(Outcome.SKIP, None)
