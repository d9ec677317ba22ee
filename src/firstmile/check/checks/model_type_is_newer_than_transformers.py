"""The installed transformers knows the model type that the config states.

Why: transformers chooses its classes by model_type. A type that came with a later release ends in
"The checkpoint you are trying to load has model type `qwen3` but Transformers does not recognize
this architecture"; in older releases it is a bare KeyError: 'qwen3'. vLLM and SGLang read configs
through transformers as well.

Fix: upgrade transformers to the release that the config names as transformers_version, or later.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import (
    auto_map,
    known_model_types,
    model_type_of,
    uses_transformers,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    stated,
    warned,
)
from firstmile.check.words_to_copy import requirement
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.environment import Environment
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entries=("model-type-is-newer-than-transformers",),
    references=("https://huggingface.co/docs/transformers/model_doc/auto",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the model type up among those that the installed library lists."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("the engine does not read config.json through transformers")
    model = snapshot.model
    if model is None or model.config is None:
        return not_known("the config of the model")
    kind = model_type_of(model, intent)
    if kind is None:
        return does_not_apply("the config states no model type")
    if "AutoConfig" in auto_map(model.config):
        return does_not_apply("the model brings its own class for the config")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    transformers = python.package("transformers")
    known = known_model_types(python, intent)
    if transformers is None or known is None:
        return not_known("the model types that the installed transformers knows")
    proof = (stated("config.json", "model_type", kind), installed(transformers))
    if kind in known:
        return passed(f"The installed transformers knows the model type {kind}.", *proof)
    made_by = model.config.get("transformers_version")
    least = f">={made_by}" if isinstance(made_by, str) else ""
    say = failed if uses_transformers(intent) or intent.engine == "vllm" else warned
    return say(
        f"Transformers {transformers.version} does not know the model type {kind}.",
        *proof,
        *((stated("config.json", "transformers_version", made_by),) if least else ()),
        remedy=f"pip install -U {requirement(f'transformers{least}')}"
        if least
        else "pip install -U transformers",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def on(version: str, *kinds: str) -> Environment:
        return computer(
            package("transformers", version), known={("transformers", "model types"): kinds}
        )

    new = folder(config={**LLAMA, "model_type": "qwen3", "transformers_version": "4.51.0"})
    yield Example(
        outcome=Outcome.PASS, snapshot=world(folder(config=LLAMA), on("4.46.3", "llama", "qwen2"))
    )
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(new, on("4.46.3", "llama", "qwen2")), says="qwen3"
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(new, on("4.51.3", "llama", "qwen3")))
    vllm = computer(
        package("transformers", "4.46.3"),
        known={("transformers", "model types"): ("llama",), ("vllm", "model types"): ("qwen3",)},
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(new, vllm), intent=Intent(engine="vllm"))
    sglang = Intent(engine="sglang")
    yield Example(outcome=Outcome.WARN, snapshot=world(new, on("4.46.3", "llama")), intent=sglang)
    own = folder(config={**LLAMA, "model_type": "x", "auto_map": {"AutoConfig": "c.Config"}})
    yield Example(outcome=Outcome.SKIP, snapshot=world(own, on("4.46.3", "llama")))
    yield Example(outcome=Outcome.SKIP, snapshot=world(new), says="not known")
