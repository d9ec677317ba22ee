"""Temperature and repetition penalty stay where the model still writes sentences.

Why: a temperature far above 1 gives rare tokens a chance at each step; a repetition penalty of
more than 1.2 soon forbids words that every sentence needs, and code its brackets. Both end in
words of other languages and text without sense, which looks like broken weights. Of models that
think, a penalty makes the thinking run on.

Fix: take what the makers name in generation_config.json; temperatures of 0.6 to 1.0, and a penalty
of 1.0 to 1.1, suit nearly all models.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent, Sampling
from firstmile.check.sampled_words import sampling_value
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entries=("answer-comes-in-another-language-than-asked",),
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)
_HOTTEST: Final = 1.5
_STRONGEST: Final = 1.2


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold temperature and penalty of the command, or of the file, against what is usual."""
    temperature = sampling_value(snapshot, intent, "temperature")
    penalty = sampling_value(snapshot, intent, "repetition_penalty")
    known = [each for each in (temperature, penalty) if each is not None]
    if not known:
        return does_not_apply("nothing is said of temperature and repetition penalty")
    if temperature is not None and temperature.value > _HOTTEST:
        tamed = (
            sampling_value(snapshot, intent, "min_p"),
            sampling_value(snapshot, intent, "top_k"),
        )
        if not any(each is not None and each.value > 0 for each in tamed):
            return warned(
                f"A temperature of {temperature.value:g} lets rare tokens in at every step.",
                temperature.evidence,
                remedy="Set a temperature of 0.6 to 1.0, or a min_p of 0.05 beside it.",
            )
    if penalty is not None and penalty.value > _STRONGEST:
        return warned(
            f"A repetition penalty of {penalty.value:g} forbids words that sentences need.",
            penalty.evidence,
            remedy="Set a repetition penalty of 1.0 to 1.1.",
        )
    return passed("Temperature and penalty are usual ones.", *(each.evidence for each in known))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def run(**settings: Any) -> Intent:
        return Intent(engine="llama.cpp", sampling=Sampling(**settings))

    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=run(temperature=2.0), says="rare")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=run(temperature=2.0, min_p=0.1))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=run(temperature=1.0))
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=run(repetition_penalty=1.5))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=run(repetition_penalty=1.1))
    written_down = folder(documents={"generation_config.json": {"repetition_penalty": 1.8}})
    yield Example(outcome=Outcome.WARN, snapshot=world(written_down))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run(top_p=0.9))
