"""AutoGPTQ knows the type of the model that a script loads or quantizes with it.

Why: AutoGPTQForCausalLM has a table of model types, and stops at others: "qwen2 isn't supported
yet". A newer transformers does not help, since the table is AutoGPTQ's own. Its development has
ended: types after 0.7.1 are known to GPTQModel alone.

Fix: pip install -U auto-gptq, or quantize with GPTQModel (pip install gptqmodel).
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.releases import release_of
from firstmile.check.scripts.kinds import OWN_LOADERS
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
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    references=(
        "https://github.com/AutoGPTQ/AutoGPTQ/blob/v0.7.1/auto_gptq/modeling/_const.py",
        "https://github.com/AutoGPTQ/AutoGPTQ/blob/v0.6.0/auto_gptq/modeling/_const.py",
    ),
)
_SINCE: Final = {
    "falcon": (0, 5),
    "mistral": (0, 5),
    "mixtral": (0, 6),
    "xverse": (0, 6),
    "Yi": (0, 6),
    "qwen2": (0, 7),
    "gemma": (0, 7, 1),
}
"""SUPPORTED_MODELS of the releases from 0.4.2 to 0.7.1; what they had before is left out."""
_NEVER: Final = (
    *("qwen2_moe", "qwen3", "qwen3_moe", "gemma2", "gemma3_text", "phi3", "deepseek_v2"),
    *("deepseek_v3", "llama4", "glm4", "cohere2", "gpt_oss"),
)
"""Types of models that came when the last release was out."""
_CLASS: Final = "AutoGPTQForCausalLM"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the model's type up by the installed release."""
    used = next((one for one in intent.arguments if one.name == _CLASS), None)
    if used is None:
        return does_not_apply(f"no script is read that uses {_CLASS}")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    library = python.package("auto-gptq")
    release = release_of(library.version, 3) if library is not None else None
    if library is None or release is None:
        return not_known("the installed auto-gptq")
    kind = config.get("model_type")
    since = _SINCE.get(str(kind))
    proof = (seen(used.written), stated("config.json", "model_type", kind), installed(library))
    if kind in _NEVER or (since is not None and release < since):
        return failed(
            f"AutoGPTQ {library.version} does not know models of the type {kind}.",
            *proof,
            remedy="Use GPTQModel instead: pip install gptqmodel."
            if since is None
            else f'pip install -U "auto-gptq>={".".join(map(str, since))}"',
        )
    if since is None:
        return not_known(f"since when AutoGPTQ knows {kind}")
    return passed(f"AutoGPTQ {library.version} knows models of the type {kind}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, kind: str, version: str | None, *, says: str = "") -> Example:
        more = [package("auto-gptq", version)] if version else []
        here = computer(package("torch", "2.2.0"), *more)
        model = folder(config={**LLAMA, "model_type": kind})
        asked = Intent(arguments=(Argument(written=_CLASS, name=_CLASS, value=""),))
        return Example(outcome=outcome, snapshot=world(model, here), intent=asked, says=says)

    assert _CLASS in OWN_LOADERS
    yield of(Outcome.FAIL, "qwen2", "0.6.0", says="qwen2")
    yield of(Outcome.PASS, "qwen2", "0.7.0")
    yield of(Outcome.FAIL, "gemma", "0.7.0")
    yield of(Outcome.FAIL, "qwen3", "0.7.1")
    yield of(Outcome.SKIP, "llama", "0.7.1", says="not known")
    yield of(Outcome.SKIP, "qwen2", None, says="not known")
    bare = world(folder(config={**LLAMA, "model_type": "qwen2"}))
    yield Example(outcome=Outcome.SKIP, snapshot=bare, says="does not apply")
