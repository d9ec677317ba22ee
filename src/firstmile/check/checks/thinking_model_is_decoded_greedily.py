"""A model that thinks before it answers samples its tokens.

Why: the makers of Qwen3 and DeepSeek-R1 warn against taking the likeliest token each time: the
thinking falls into a loop, or never ends. It happens with a temperature of 0, with do_sample
false, and in transformers also where nothing is said at all.

Fix: take what the makers name: a temperature of 0.6 with top_p 0.95 (and top_k 20 for Qwen3).
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.model_sizes import (
    has_template_with,
)
from firstmile.check.sampled_words import sampling_value
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/repetitive",
    cause="configuration/inference",
    stage="inference",
    entries=("answer-falls-into-a-loop", "thinking-uses-up-the-tokens-before-the-answer"),
    references=(
        "https://huggingface.co/Qwen/Qwen3-8B#best-practices",
        "https://huggingface.co/deepseek-ai/DeepSeek-R1#usage-recommendations",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for greedy decoding beside a template that opens a thinking part."""
    if snapshot.model is None:
        return not_known("the model")
    if not has_template_with(snapshot, "<think>"):
        return does_not_apply("the template opens no thinking part")
    if intent.trains:
        return does_not_apply("nothing is generated")
    temperature = sampling_value(snapshot, intent, "temperature")
    samples = sampling_value(snapshot, intent, "do_sample")
    remedy = "Set a temperature of 0.6 and a top_p of 0.95."
    if temperature is not None and temperature.value == 0:
        return warned(
            "A temperature of 0 makes a model that thinks go round in circles.",
            temperature.evidence,
            seen("the chat template holds <think>"),
            remedy=remedy,
        )
    heeds = intent.engine in (None, "transformers")
    if heeds and samples is not None and samples.value == 0:
        return warned(
            "Without sampling a model that thinks goes round in circles.",
            samples.evidence,
            seen("the chat template holds <think>"),
            remedy=f"Set do_sample to true. {remedy}",
        )
    if heeds and samples is None and intent.engine == "transformers":
        return warned(
            "Nobody turns sampling on, so that transformers takes the likeliest token each time.",
            seen("do_sample is not set"),
            seen("the chat template holds <think>"),
            remedy=f"Set do_sample to true. {remedy}",
        )
    known = [each.evidence for each in (temperature, samples) if each is not None]
    if not known:
        return not_known("how tokens are chosen: neither the command nor the files say it")
    return passed("The model samples its tokens.", *known)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    template = Template(
        name="default", path="tokenizer_config.json", source="{{ '<think>' }}{{ messages }}"
    )

    def of(*templates: Template, **settings: Any) -> Snapshot:
        documents = {"generation_config.json": settings} if settings else {}
        return world(folder(config=LLAMA, documents=documents, templates=templates))

    greedy = Intent(engine="vllm", sampling=Sampling(temperature=0.0))
    qwen = {"do_sample": True, "temperature": 0.6, "top_p": 0.95, "top_k": 20}
    yield Example(outcome=Outcome.WARN, snapshot=of(template, **qwen), intent=greedy)
    yield Example(outcome=Outcome.PASS, snapshot=of(template, **qwen))
    yield Example(outcome=Outcome.WARN, snapshot=of(template, do_sample=False))
    plain = Intent(action=Action.GENERATE, engine="transformers")
    yield Example(outcome=Outcome.WARN, snapshot=of(template), intent=plain, says="Nobody")
    vllm = Intent(engine="vllm")
    yield Example(
        outcome=Outcome.PASS, snapshot=of(template, do_sample=False, temperature=0.6), intent=vllm
    )
    other = replace(template, source="{{ messages }}")
    yield Example(outcome=Outcome.SKIP, snapshot=of(other, **qwen), intent=greedy)
    yield Example(outcome=Outcome.SKIP, snapshot=of(template), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=greedy, says="not known")
