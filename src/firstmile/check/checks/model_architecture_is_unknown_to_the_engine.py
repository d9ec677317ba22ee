"""The installed vLLM or SGLang has an implementation of the model's architecture.

Why: an engine has models of its own, chosen by the config's architectures. One that it does not
list ends in "Model architectures ['X'] are not supported for now", or is run through transformers'
implementation where there is one, which is slower and lacks features such as quantization kernels
or tensor parallelism for some models.

Fix: upgrade the engine to a release that lists the architecture.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import model_type_of
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
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    stage="inference",
    entries=("engine-does-not-know-the-model-architecture",),
    references=("https://docs.vllm.ai/en/latest/models/supported_models.html",),
)
_STAND_IN: Final = "TransformersForCausalLM"
"""The class of both engines that runs transformers' implementation of a model."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the architectures up in the engine's own list."""
    if intent.engine not in ("vllm", "sglang"):
        return does_not_apply("no engine with models of its own is asked for")
    model = snapshot.model
    if model is None or model.config is None:
        return not_known("the config of the model")
    wanted = intent.overrides.get("architectures") or model.config.get("architectures")
    if not isinstance(wanted, list) or not wanted:
        return does_not_apply("the config names no architecture")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    engine = python.package(intent.engine)
    known = python.names_known(intent.engine, "architectures")
    if engine is None or known is None:
        return not_known(f"the architectures that the installed {intent.engine} has")
    proof = (stated("config.json", "architectures", wanted), installed(engine))
    if any(each in known for each in wanted):
        return passed(f"The installed {intent.engine} has {wanted[0]}.", *proof)
    types = python.names_known("transformers", "model types") or ()
    upgrade = f"pip install -U {intent.engine}"
    if _STAND_IN in known and model_type_of(model, intent) in types:
        return warned(
            f"No {wanted[0]} of its own is in {engine.name} {engine.version}: it will try "
            "transformers' implementation.",
            *proof,
            remedy=upgrade,
        )
    return failed(f"No {wanted[0]} is in {engine.name} {engine.version}.", *proof, remedy=upgrade)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    names = {
        ("vllm", "architectures"): ("LlamaForCausalLM", "TransformersForCausalLM"),
        ("transformers", "model types"): ("llama", "smollm3"),
    }
    made = computer(package("vllm", "0.8.4"), package("transformers", "4.53.0"), known=names)
    serve = Intent(engine="vllm")
    new = {**LLAMA, "model_type": "smollm3", "architectures": ["SmolLM3ForCausalLM"]}
    unknown = {**LLAMA, "model_type": "unheard", "architectures": ["UnheardForCausalLM"]}
    for outcome, config in (
        (Outcome.PASS, LLAMA),
        (Outcome.WARN, new),
        (Outcome.FAIL, unknown),
    ):
        yield Example(outcome=outcome, snapshot=world(folder(config=config), made), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=unknown), made))
