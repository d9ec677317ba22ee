"""The installed transformers or vLLM knows the quantization method that the config names.

Why: transformers passes over a method that it does not know with a line in the log, and then takes
the packed numbers for plain weights: shapes that do not fit, or a model that writes noise. vLLM
refuses it: "Unknown quantization method".

Fix: upgrade the library to a release that knows the method, or take other weights of the model.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import uses_transformers
from firstmile.check.quantization_names import slip_of
from firstmile.check.quantized_files import stated_quantization
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, stated
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    entries=(
        "quantization-type-is-not-known-to-transformers",
        "four-bit-weights-are-multiplied-as-if-they-were-plain",
    ),
    references=(
        "https://huggingface.co/docs/transformers/quantization/overview",
        "https://docs.vllm.ai/en/latest/features/quantization/",
    ),
)
_LONGEST: Final = 60


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the method up among those that the library lists."""
    model = snapshot.model
    if model is None or model.config is None:
        return not_known("the config of the model")
    method = (stated_quantization(model.config) or {}).get("quant_method")
    if not isinstance(method, str):
        return does_not_apply("the config names no quantization method")
    if (near := slip_of(method)) is not None:
        return failed(
            f"No library knows a quantization method {method[:_LONGEST]}.",
            stated("config.json", "quantization_config.quant_method", method),
            remedy=f'Set "quant_method": "{near}" in config.json where the files are of it, or '
            "fetch the config again.",
        )
    library = "vllm" if intent.engine == "vllm" else "transformers"
    if library == "transformers" and not uses_transformers(intent):
        return does_not_apply("the engine reads quantization by itself")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    host = python.package(library)
    known = python.names_known(library, "quantization methods")
    if host is None or known is None:
        return not_known(f"the quantization methods that the installed {library} knows")
    proof = (stated("config.json", "quantization_config.quant_method", method), installed(host))
    names = {each.replace("_", "-") for each in known}
    folded = method.lower().replace("_", "-")
    if folded in names or f"{folded}-4bit" in names:
        return passed(f"The installed {library} knows {method}.", *proof)
    return failed(
        f"The quantization method {method} is unknown to {library} {host.version}.",
        *proof,
        remedy=f"pip install -U {library}, or take weights of another format.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    names = {
        ("transformers", "quantization methods"): (
            "gptq",
            "awq",
            "bitsandbytes_4bit",
            "fbgemm_fp8",
        ),
        ("vllm", "quantization methods"): ("gptq", "compressed-tensors"),
    }
    made = computer(package("transformers", "4.46.3"), package("vllm", "0.6.4"), known=names)

    def of(outcome: Outcome, method: str | None, engine: str | None = None) -> Example:
        config = {**LLAMA, **({"quantization_config": {"quant_method": method}} if method else {})}
        return Example(
            outcome=outcome,
            snapshot=world(folder(config=config), made),
            intent=Intent(engine=engine),
        )

    yield of(Outcome.PASS, "gptq")
    yield of(Outcome.PASS, "bitsandbytes")
    yield of(Outcome.PASS, "compressed-tensors", "vllm")
    yield of(Outcome.FAIL, "mxfp4")
    yield of(Outcome.FAIL, "mxfp4", "vllm")
    yield of(Outcome.SKIP, "mxfp4", "sglang")
    yield of(Outcome.FAIL, "gtpq", "sglang")
    yield of(Outcome.FAIL, "bitsandbyte")
    yield of(Outcome.FAIL, "gptqq", "vllm")
    yield of(Outcome.SKIP, "brand_new", "sglang")
    yield of(Outcome.SKIP, None)
