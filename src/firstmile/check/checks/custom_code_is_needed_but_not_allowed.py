"""Code of the model's own is allowed where the model cannot be loaded without it.

Why: some models bring their classes as Python files (auto_map in config.json). Where transformers
has no class of this model type itself, loading stops at "Please pass the argument
`trust_remote_code=True` to allow custom code to be run".

Fix: read the files, then pass trust_remote_code=True (--trust-remote-code in vLLM and SGLang); or
upgrade transformers to a release that has the model itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.installed import python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import auto_map, known_model_types, model_type_of
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
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entries=("custom-model-code-was-not-allowed",),
    references=("https://huggingface.co/docs/transformers/models#custom-models",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask whether the library has the classes that the folder's code would bring."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("the engine runs no code of the model")
    model = snapshot.model
    if model is None or model.config is None:
        return not_known("the config of the model")
    own = auto_map(model.config)
    if not own:
        return does_not_apply("the config names no code of the model's own")
    kind = model_type_of(model, intent)
    proof = (stated("config.json", "auto_map", own), stated("config.json", "model_type", kind))
    if intent.trust_remote_code:
        return passed("Code of the model's own is allowed.", *proof)
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    known = known_model_types(python, intent)
    if known is None:
        return not_known("the model types that the installed transformers knows")
    if kind in known:
        return passed(
            f"The installed library has the model type {kind} itself; no own code is run.", *proof
        )
    flag = (
        "--trust-remote-code" if intent.engine in ("vllm", "sglang") else "trust_remote_code=True"
    )
    files = sorted({each.rpartition(".")[0] + ".py" for each in own.values()})
    say = failed if intent.action is not None and intent.engine != "sglang" else warned
    return say(
        f"The model type {kind} comes with code of its own, which is not allowed so far.",
        *proof,
        seen("trust_remote_code is not set"),
        remedy=f"Read {', '.join(map(file_word, files))}, then add {flag}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    from firstmile.check.intent import Action

    own: Mapping[str, Any] = {
        **LLAMA,
        "model_type": "qwen",
        "auto_map": {
            "AutoConfig": "configuration_qwen.QWenConfig",
            "AutoModelForCausalLM": "modeling_qwen.QWenLMHeadModel",
        },
    }
    made = computer(
        package("transformers", "4.57.1"),
        known={("transformers", "model types"): ("llama", "deepseek_v3")},
    )
    serve = Intent(engine="vllm", action=Action.SERVE)
    allowed = Intent(engine="vllm", action=Action.SERVE, trust_remote_code=True)
    native = {**own, "model_type": "deepseek_v3"}
    yield Example(
        outcome=Outcome.FAIL,
        snapshot=world(folder(config=own), made),
        intent=serve,
        says="The model type qwen",
    )
    yield Example(outcome=Outcome.WARN, snapshot=world(folder(config=own), made))
    yield Example(outcome=Outcome.PASS, snapshot=world(folder(config=own), made), intent=allowed)
    yield Example(outcome=Outcome.PASS, snapshot=world(folder(config=native), made), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA), made), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=own)), says="not known")
