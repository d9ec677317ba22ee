"""The packages are installed that unpack and multiply weights of the model's quantization.

Why: transformers leaves quantized weights to other packages, one for each method, and stops where
one is missing: "Loading a GPTQ quantized model requires optimum and gptqmodel". Since 5.0 it takes
gptqmodel for AWQ and GPTQ; before, autoawq and auto-gptq. vLLM brings kernels of its own, but for
bitsandbytes.

Fix: install the package, or serve the model with an engine that has the kernels itself.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import uses_transformers
from firstmile.check.quantization_back_ends import method_of, packages_for
from firstmile.check.releases import older
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
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("bitsandbytes-or-accelerate-is-missing-for-quantized-loading",),
    references=(
        "https://github.com/huggingface/transformers/tree/main/src/transformers/quantizers",
        "https://docs.vllm.ai/en/latest/features/quantization/bnb.html",
    ),
)

_ENGINES: Final = (("vllm", "bitsandbytes"), ("sglang", "bitsandbytes"))
"""Engines that take a method by its package, where they have kernels of their own for others."""
_OLDEST: Final = "0.44.0"
"""The bitsandbytes that vLLM 0.6.4 asks for, and SGLang with it; later ones ask for more."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the packages of the method."""
    method = method_of(snapshot.model, intent)
    if method is None:
        if snapshot.model is None:
            return not_known("the config of the model")
        return does_not_apply("nothing is quantized by a method of transformers")
    if not uses_transformers(intent) and (intent.engine, method) not in _ENGINES:
        return does_not_apply("the engine has kernels of its own")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    by_package = (intent.engine, method) in _ENGINES
    host = python.package((intent.engine if by_package else None) or "transformers")
    if host is None:
        return not_known("the library that will load it")
    asked = seen(f"quantization method = {method}")
    if method == "mxfp4":
        if python.package("kernels") is not None:
            return passed("The package kernels, which MXFP4 runs with, is installed.", asked)
        return warned(
            "Without the package kernels MXFP4 weights are unpacked to bfloat16, "
            "four times their size.",
            asked,
            installed(host),
            remedy='pip install -U kernels "triton>=3.4"',
        )
    choices = (("bitsandbytes",),) if by_package else packages_for(method, host.version)
    if not choices:
        return not_known(f"what {method} needs")
    own = python.package("bitsandbytes")
    if by_package and own is not None and older(own.version, _OLDEST):
        return failed(
            f"The engine needs bitsandbytes {_OLDEST} or later.",
            asked,
            installed(own),
            remedy=f'pip install -U "bitsandbytes>={_OLDEST}"',
        )
    missing = [each for each in choices if not any(python.package(one) for one in each)]
    if not missing:
        return passed(f"What {method} needs is installed.", asked, installed(host))
    names = " ".join(each[0] for each in missing)
    return failed(
        f"The method {method} needs {' and '.join(' or '.join(each) for each in missing)}, "
        "not installed.",
        asked,
        installed(host),
        remedy=f"pip install {names}",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        method: str | None,
        *packages: str,
        intent: Intent | None = None,
        says: str = "",
        **more: Any,
    ) -> Example:
        quantization = {"quant_method": method, **more} if method else None
        config = {**LLAMA, **({"quantization_config": quantization} if quantization else {})}
        made = computer(*(package(*each.split("==")) for each in packages))
        return Example(
            outcome=outcome,
            snapshot=world(folder(config=config), made),
            intent=intent or Intent(engine="transformers"),
            says=says,
        )

    four, five = "transformers==4.46.3", "transformers==5.2.0"
    yield of(Outcome.PASS, "gptq", four, "auto-gptq==0.7.1", "optimum==1.23.0")
    yield of(Outcome.FAIL, "gptq", five, "auto-gptq==0.7.1", "optimum==1.23.0", says="gptqmodel")
    yield of(Outcome.PASS, "awq", four, "autoawq==0.2.7", "accelerate==1.0.0")
    yield of(Outcome.FAIL, "awq", five, "autoawq==0.2.7", "accelerate==1.0.0")
    yield of(Outcome.FAIL, "compressed-tensors", five)
    yield of(Outcome.FAIL, "bitsandbytes", four, "accelerate==1.0.0", load_in_4bit=True)
    yield of(Outcome.WARN, "mxfp4", five, "accelerate==1.0.0")
    vllm = Intent(engine="vllm")
    yield of(Outcome.SKIP, "gptq", "vllm==0.9.0", five, intent=vllm)
    yield of(Outcome.FAIL, "bitsandbytes", "vllm==0.9.0", five, intent=vllm)
    sglang = Intent(engine="sglang", quantization="bitsandbytes")
    yield of(Outcome.FAIL, None, "sglang==0.4.0", five, intent=sglang)
    yield of(Outcome.FAIL, None, "sglang==0.4.0", "bitsandbytes==0.43.3", five, intent=sglang)
    qlora = Intent(engine="trl", load_in_bits=4)
    yield of(Outcome.FAIL, None, four, "accelerate==1.0.0", intent=qlora)
    yield of(Outcome.SKIP, None, four)
