"""Options with a fixed set of values are given one of these.

Why: number types, kinds of quantization and formats are names of the engine's own: vLLM and SGLang
say bfloat16 and not bf16, llama.cpp says q8_0 and not int8. For any other the engine stops before
it loads anything: "invalid choice", "Unsupported cache type", "Unknown quantization method". Each
release adds names, and plugins do, so that an unknown one is a warning where the set still grows.

Fix: take the name that the engine has (`vllm serve --help`, `llama-server --help` list them).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.intent import Argument, Intent
from firstmile.check.option_choices import CHOICES, MEANT, Choices
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    passed,
    seen,
    shortened,
    warned,
)
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.errors import nearest
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.vllm.ai/en/latest/cli/serve.html",
        "https://docs.sglang.ai/advanced_features/server_arguments.html",
        "https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
    ),
)
_UNSET: Final = ("none", "")
_FEW: Final = 8
"""Values that are all named."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look each value up among those of any release."""
    known = CHOICES.get(intent.engine or "")
    if known is None:
        return does_not_apply("the values of the engine's options are not listed")
    last = {one.name: one for one in intent.arguments if one.name in known and one.value}
    if not last:
        return does_not_apply("no option with a fixed set of values is given")
    wrong = [
        _unknown(one, known[name])
        for name, one in last.items()
        if not known[name].take(one.value or "") and (one.value or "").lower() not in _UNSET
    ]
    said = (seen(f"{one.written} {one.value}") for one in last.values())
    return wrong or passed("Options with a fixed set of values are given one of these.", *said)


def _unknown(one: Argument, choices: Choices) -> Verdict:
    value = shortened(one.value or "")
    remedy = f"{text_word(one.written)} {_meant(value, choices)}"
    proof = seen(f"{one.written} {value}")
    if choices.is_closed or value.lower() in choices.values:
        return failed(
            f"The option {one.written} does not take {value}.",
            proof,
            remedy=f"Take a value that it has: {remedy}",
        )
    return warned(
        f"The option {one.written} takes no {value} in any release that is known.",
        proof,
        remedy=f"Take a value that it has, unless yours is newer or has a plugin: {remedy}",
    )


def _meant(value: str, choices: Choices) -> str:
    """Return the value that may be meant, or all of them where they are few."""
    for name in (value.lower(), *MEANT.get(value.lower(), ())):
        if name in choices.values:
            return name
    near = nearest(value.lower(), sorted(choices.values), alike=0.7)
    if near is not None:
        return near
    listed = sorted(choices.values)
    more = ", ..." if len(listed) > _FEW else ""
    return f"{', '.join(listed[:_FEW])}{more}"


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, engine: str, option: str, value: str, says: str = "") -> Example:
        said = Argument(written=f"--{option}", name=option.replace("-", "_"), value=value)
        intent = Intent(engine=engine, arguments=(said,))
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    yield of(Outcome.FAIL, "vllm", "dtype", "bfloat18", says="does not take bfloat18")
    yield of(Outcome.FAIL, "sglang", "dtype", "bf16")
    yield of(Outcome.FAIL, "sglang", "quantization", "AWQ")
    yield of(Outcome.FAIL, "vllm", "kv-cache-dtype", "FP8")
    yield of(Outcome.FAIL, "vllm", "distributed-executor-backend", "RAY")
    yield of(Outcome.FAIL, "llama.cpp", "rope-scaling", "dynamic")
    yield of(Outcome.WARN, "vllm", "kv-cache-dtype", "fp9", says="in any release that is known")
    yield of(Outcome.WARN, "sglang", "quantization", "int4")
    yield of(Outcome.WARN, "llama.cpp", "cache-type-k", "int8")
    yield of(Outcome.PASS, "vllm", "dtype", "half")
    yield of(Outcome.PASS, "vllm", "quantization", "compressed-tensors")
    yield of(Outcome.PASS, "vllm", "quantization", "AWQ")
    yield of(Outcome.PASS, "vllm", "load-format", "GGUF")
    yield of(Outcome.PASS, "vllm", "distributed-executor-backend", "my.pkg.Executor")
    yield of(Outcome.PASS, "vllm", "kv-cache-dtype", "fp8")
    yield of(Outcome.PASS, "vllm", "quantization", "None")
    yield of(Outcome.PASS, "sglang", "kv-cache-dtype", "bf16")
    yield of(Outcome.PASS, "llama.cpp", "cache-type-v", "q8_0")
    yield of(Outcome.SKIP, "vllm", "port", "8000", says="no option")
    yield of(Outcome.SKIP, "transformers", "dtype", "bf16", says="not listed")
