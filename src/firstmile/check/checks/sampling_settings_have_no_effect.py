"""Settings of sampling stand beside do_sample, which turns sampling on.

Why: transformers chooses the likeliest token unless do_sample is true. A temperature or a top_p
beside a do_sample that is false or missing is ignored with a line in the log: answers are the same
each time, and of reasoning models they go round in circles. vLLM reads the same file and does
sample.

Fix: set do_sample to true, or take the other settings out.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.sampled_words import sampling_value
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/output-consistency",
    cause="configuration/inference",
    stage="inference",
    entries=("generation-config-contradicts-itself-on-saving",),
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)
_NEUTRAL: Final = {"temperature": 1.0, "top_p": 1.0, "top_k": 50.0, "min_p": 0.0}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for settings that only sampling heeds."""
    if intent.engine not in (None, "transformers"):
        return does_not_apply("the engine samples by its own rules")
    if intent.trains:
        return does_not_apply("a trainer samples by its own rules")
    found = [
        value
        for name, neutral in _NEUTRAL.items()
        if (value := sampling_value(snapshot, intent, name)) is not None and value.value != neutral
    ]
    if not found:
        return does_not_apply("nothing is said of sampling")
    samples = sampling_value(snapshot, intent, "do_sample")
    proof = [each.evidence for each in found]
    if samples is not None and samples.value == 1:
        return passed("Sampling is on.", samples.evidence, *proof)
    said = samples.evidence if samples is not None else seen("do_sample is not set")
    names = " and ".join(each.name for each in found)
    return warned(
        f"Sampling is off, so that {names} {'has' if len(found) == 1 else 'have'} no effect in "
        "transformers.",
        said,
        *proof,
        remedy="Set do_sample to true.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(**settings: Any) -> Snapshot:
        return world(folder(config=LLAMA, documents={"generation_config.json": settings}))

    yield Example(outcome=Outcome.WARN, snapshot=of(do_sample=False, temperature=0.6, top_p=0.9))
    yield Example(outcome=Outcome.WARN, snapshot=of(temperature=0.6), says="temperature has")
    yield Example(outcome=Outcome.PASS, snapshot=of(do_sample=True, temperature=0.6))
    yield Example(outcome=Outcome.SKIP, snapshot=of(do_sample=False, temperature=1.0))
    told = Intent(engine="transformers", sampling=Sampling(do_sample=True))
    yield Example(outcome=Outcome.PASS, snapshot=of(temperature=0.6), intent=told)
    train = Intent(
        action=Action.FINE_TUNE, engine="transformers", sampling=Sampling(temperature=0.7)
    )
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=train)
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of(temperature=0.6), intent=vllm)
    yield Example(outcome=Outcome.SKIP, snapshot=of(eos_token_id=2), says="does not apply")
