"""The settings of sampling lie where they mean something.

Why: a temperature of 0 beside do_sample, a penalty of 0 or below, a min_p above 1 make transformers
stop at the first token ("has to be a strictly positive float"); vLLM answers every request with an
error for a top_p of 0 ("top_p must be in (0, 1]"). They come from a generation_config.json that was
edited by hand, or from habits of other engines, in which 0 switches a setting off.

Fix: a temperature of 0 is written as do_sample false; what is to be off is 1.0 for top_p and
repetition_penalty, 0 for min_p, and left out for top_k.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.sampled_words import Value, sampling_value
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://huggingface.co/docs/transformers/main_classes/text_generation",
        "https://docs.vllm.ai/en/stable/api/vllm/sampling_params.html",
    ),
)
_PYTHON: Final = (None, "transformers", "trl")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold each setting against its range."""
    if intent.engine not in (*_PYTHON, "vllm", "sglang"):
        return does_not_apply("the engine takes any value")
    known = [
        value
        for name in ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")
        if (value := sampling_value(snapshot, intent, name)) is not None
    ]
    if not known:
        return does_not_apply("nothing is said of sampling")
    samples = sampling_value(snapshot, intent, "do_sample")
    on = samples is not None and samples.value == 1
    for each in known:
        wrong = _wrong(each, intent.engine, on)
        if wrong is not None:
            where = "" if each.of_command else " in generation_config.json"
            return failed(
                f"A {each.name} of {each.value:g} {wrong}.",
                each.evidence,
                *([samples.evidence] if samples is not None and each.name == "temperature" else []),
                remedy=f"Set {_right(each)}{where}.",
            )
    return passed("The settings of sampling lie in their ranges.", *(one.evidence for one in known))


def _wrong(setting: Value, engine: str | None, samples: bool) -> str | None:
    value = setting.value
    match setting.name:
        case "temperature" if value < 0:
            return "is below 0"
        case "temperature" if value == 0 and samples and engine in _PYTHON:
            return "cannot be sampled with"
        case "repetition_penalty" if value <= 0:
            return "is not above 0"
        case "top_p" if not 0 <= value <= 1 and engine not in _PYTHON:
            return "does not lie between 0 and 1"
        case "top_p" if value == 0 and engine == "vllm":
            return "leaves no token, and is refused"
        case "min_p" if not 0 <= value <= 1:
            return "does not lie between 0 and 1"
        case "top_k" if value < (0 if engine in _PYTHON else -1):
            return "is below 0"
    return None


def _right(setting: Value) -> str:
    if setting.name == "temperature":
        return "do_sample to false and leave temperature out, or a temperature above 0"
    return {"top_p": "top_p to 1.0", "min_p": "min_p to 0", "top_k": "top_k to 50"}.get(
        setting.name, f"{setting.name} to 1.0"
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(**settings: Any) -> Snapshot:
        return world(folder(config=LLAMA, documents={"generation_config.json": settings}))

    yield Example(
        outcome=Outcome.FAIL, snapshot=of(temperature=0.0, do_sample=True), says="sampled with"
    )
    yield Example(outcome=Outcome.PASS, snapshot=of(temperature=0.0, do_sample=False))
    vllm = Intent(action=Action.SERVE, engine="vllm")
    yield Example(outcome=Outcome.PASS, snapshot=of(temperature=0.0, do_sample=True), intent=vllm)
    zero = of(top_p=0.0, temperature=0.7)
    yield Example(outcome=Outcome.FAIL, snapshot=zero, intent=vllm, says="leaves no token")
    yield Example(outcome=Outcome.PASS, snapshot=zero)
    yield Example(outcome=Outcome.FAIL, snapshot=of(repetition_penalty=0), says="not above 0")
    yield Example(outcome=Outcome.FAIL, snapshot=of(min_p=1.5))
    yield Example(outcome=Outcome.FAIL, snapshot=of(top_k=-1))
    yield Example(outcome=Outcome.PASS, snapshot=of(top_k=-1), intent=vllm)
    said = Intent(engine="transformers", sampling=Sampling(temperature=0.0, do_sample=True))
    yield Example(outcome=Outcome.FAIL, snapshot=of(temperature=0.6), intent=said)
    qwen = of(temperature=0.6, top_k=20, top_p=0.95, do_sample=True)
    yield Example(outcome=Outcome.PASS, snapshot=qwen)
    yield Example(outcome=Outcome.SKIP, snapshot=of(eos_token_id=2), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=zero, intent=Intent(engine="llama.cpp"))
