"""A server that many wait for runs weights in a form with fast kernels.

Why: bitsandbytes saves memory and unpacks weights in each step. text-generation-inference itself
says of --quantize bitsandbytes that the model will be much slower than in 16 bits; on T4 cards
Falcon 40B takes 190 ms a token.

Fix: serve weights in GPTQ or AWQ (--quantize gptq, awq), or --quantize eetq for 8 bits on the fly.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="computation/quantization",
    stage="inference",
    references=(
        "https://huggingface.co/docs/text-generation-inference/reference/launcher",
        "https://huggingface.co/docs/text-generation-inference/conceptual/quantization",
    ),
)
_ENGINE: Final = "text-generation-inference"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the way in which the server quantizes."""
    if intent.engine != _ENGINE or not intent.quantization:
        return does_not_apply("no quantization is asked of text-generation-inference")
    asked = seen(f"quantize = {intent.quantization}")
    if intent.quantization.startswith("bitsandbytes"):
        return warned(
            "The server unpacks weights of bitsandbytes in each step, which is slow.",
            asked,
            remedy="Take a GPTQ or AWQ repository of the model (--quantize gptq, or awq), or "
            "--quantize eetq.",
        )
    return passed("The quantization has kernels for serving.", asked)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, method: str | None, engine: str = _ENGINE) -> Example:
        intent = Intent(engine=engine, action=Action.SERVE, quantization=method)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.WARN, "bitsandbytes")
    yield of(Outcome.WARN, "bitsandbytes-nf4")
    yield of(Outcome.PASS, "gptq")
    yield of(Outcome.SKIP, None)
    yield of(Outcome.SKIP, "bitsandbytes", "transformers")
