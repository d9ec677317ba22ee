"""GPTQ files are loaded by transformers where a GPU computes.

Why: the kernels of auto-gptq, and most of GPTQModel's, are CUDA's. On the processor they end in
"t == DeviceType::CUDA INTERNAL ASSERT FAILED", in "addmm_impl_cpu_ not implemented for 'Half'", or
when the model is loaded: "GPU is required to quantize or run quantize model".
With auto-gptq from 0.5 and torch from 2.2 on it may run, many times slower.

Fix: on a processor take a GGUF of the model with llama.cpp or Ollama, or the model without GPTQ in
bfloat16; GPTQModel has kernels for processors too.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.own_code import uses_transformers
from firstmile.check.precision import on_processor
from firstmile.check.quantized_files import quantized_files
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/operation-restriction",
    cause="computation/quantization",
    stage="inference",
    entries=("half-precision-operator-is-missing-on-the-cpu",),
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/quantizers/quantizer_gptq.py",
        "https://huggingface.co/docs/transformers/quantization/gptq",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for GPTQ files where nothing but the processor computes."""
    if not uses_transformers(intent) or intent.action is None:
        return does_not_apply("no load by transformers is asked for")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    if files is None or files.method != "gptq":
        return does_not_apply("the files are not quantized by GPTQ")
    if snapshot.environment is None:
        return not_known("the machine")
    method = stated("config.json", files.key, "gptq")
    if not on_processor(snapshot, intent):
        return passed("A GPU computes.", method)
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    own = python.package("gptqmodel")
    if own is not None:
        return passed("GPTQModel has kernels for processors.", method, installed(own))
    auto = python.package("auto-gptq")
    where = f"device_map = {intent.device_map}" if intent.device_map else "no GPU is there"
    torch = release_of(python.version_of("torch") or "")
    may_run = auto is not None and (release_of(auto.version) or (0,)) >= (0, 5)
    say = warned if may_run and torch is not None and torch >= (2, 2) else failed
    return say(
        "The kernels for GPTQ files need a GPU, and the processor is to compute.",
        method,
        seen(where),
        *([installed(auto)] if auto is not None else []),
        remedy="Take a GGUF of the model with llama.cpp, the model without GPTQ in bfloat16, or "
        "pip install gptqmodel.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(there: Environment, method: str = "gptq") -> Snapshot:
        config = {**LLAMA, "quantization_config": {"quant_method": method, "bits": 4}}
        return world(folder(config=config), there)

    packages = {"torch": "2.1.0", "auto-gptq": "0.6.0", "transformers": "4.37.2"}
    bare, card = machine(packages=packages), machine(packages=packages, gpus=[gpu()])
    run = Intent(action=Action.GENERATE, engine="transformers")
    yield Example(outcome=Outcome.FAIL, snapshot=of(bare), intent=run, says="need a GPU")
    told = replace(run, device_map="cpu")
    yield Example(outcome=Outcome.FAIL, snapshot=of(card), intent=told)
    yield Example(outcome=Outcome.PASS, snapshot=of(card), intent=run)
    later = machine(packages={"torch": "2.4.0", "auto-gptq": "0.7.1"})
    yield Example(outcome=Outcome.WARN, snapshot=of(later), intent=run)
    new = machine(packages={"torch": "2.6.0", "gptqmodel": "2.1.0"})
    yield Example(outcome=Outcome.PASS, snapshot=of(new), intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=of(bare, "awq"), intent=run)
    vllm = Intent(action=Action.SERVE, engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of(bare), intent=vllm)
    yield Example(outcome=Outcome.SKIP, snapshot=of(bare), says="does not apply")
    unread = world(None, bare)
    yield Example(outcome=Outcome.SKIP, snapshot=unread, intent=run, says="not known")
