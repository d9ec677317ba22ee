"""Quantized weights are not cut into the slices of a config's pretraining_tp.

Why: configs of Llama 2 stated pretraining_tp of 2 to 8, by which transformers before 4.48 cut each
matrix. Weights that bitsandbytes or GPTQ has packed have other shapes, and generating ends in
"mat1 and mat2 shapes cannot be multiplied (52x8192 and 1x1024)".

Fix: set "pretraining_tp": 1 in config.json; it only changes the order of additions.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.installed import (
    installed,
    installed_release,
    package_of,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.own_code import uses_transformers
from firstmile.check.quantized_files import quantized_files
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/shape-error",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://huggingface.co/docs/transformers/v4.46.3/en/model_doc/llama2",
        "https://github.com/huggingface/transformers/blob/v4.46.3/src/transformers/models/llama/modeling_llama.py",
    ),
)
_KEY: Final = "pretraining_tp"
_WITHOUT: Final = (4, 48)
"""The first release of which it was looked up that its Llama cuts no slices (4.46 still does)."""
_PACKED: Final = ("gptq", "awq", "bitsandbytes")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for slices beside weights that are packed."""
    if not uses_transformers(intent):
        return does_not_apply(f"{intent.engine} does not cut weights into slices")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    slices = config.get(_KEY)
    if not isinstance(slices, int) or config.get("model_type") != "llama":
        return does_not_apply("the config states no slices")
    cut = stated("config.json", _KEY, slices)
    if slices <= 1:
        return passed("Weights are not cut into slices.", cut)
    files = quantized_files(config)
    packed = files is not None and files.method in _PACKED
    if not packed and intent.load_in_bits not in (4, 8):
        return does_not_apply("the weights are not quantized")
    library = package_of(snapshot, "transformers")
    release = installed_release(snapshot, "transformers")
    if library is None or release is None:
        return not_known("the installed transformers")
    if release >= _WITHOUT:
        return passed("This transformers cuts no slices.", cut, installed(library))
    how = f"quantized by {files.method}" if packed and files else f"{intent.load_in_bits} bits"
    return failed(
        f"Packed weights are cut into {counted(slices, 'slice')}, whose shapes do not fit.",
        cut,
        seen(how),
        installed(library),
        remedy='Set "pretraining_tp": 1 in config.json.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, slices: int | None, bits: int | None = 8, version: str = "4.31.0"
    ) -> Example:
        config: dict[str, Any] = {**LLAMA, **({} if slices is None else {_KEY: slices})}
        here = computer(package("transformers", version), package("torch", "2.0.1"))
        intent = Intent(engine="transformers", action=Action.GENERATE, load_in_bits=bits)
        return Example(outcome=outcome, snapshot=world(folder(config=config), here), intent=intent)

    yield of(Outcome.FAIL, 8)
    yield of(Outcome.FAIL, 2, 4, "4.46.3")
    yield of(Outcome.PASS, 8, version="4.48.0")
    yield of(Outcome.PASS, 1)
    yield of(Outcome.SKIP, 8, None)
    yield of(Outcome.SKIP, None)
    gptq = {**LLAMA, _KEY: 8, "quantization_config": {"quant_method": "gptq", "bits": 4}}
    old = computer(package("transformers", "4.35.0"), package("torch", "2.0.1"))
    yield Example(outcome=Outcome.FAIL, snapshot=world(folder(config=gptq), old), says="slices")
    served = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=gptq), old), intent=served)
