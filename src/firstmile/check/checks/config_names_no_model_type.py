"""The config says which model it is: `model_type`, and for engines `architectures`.

Why: transformers chooses the class by `model_type` ("Unrecognized model in ... Should have a
`model_type` key in its config.json"), vLLM and SGLang by `architectures` ("No model architectures
are specified"). Configs that were written by hand or by a converter, and Meta's or Mistral's
params.json under another name, lack them.

Fix: fetch the config.json of the original repository.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.own_code import auto_map
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, stated, warned
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/config-file",
    entries=("model-type-is-newer-than-transformers",),
    references=("https://huggingface.co/docs/transformers/main/en/model_doc/auto",),
)
_ENGINES: Final = ("vllm", "sglang")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the two keys."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    config = model.config
    if config is None:
        return not_known("the config of the model")
    config = {**config, **intent.overrides}
    kind, names = config.get("model_type"), config.get("architectures")
    keys = seen(f"its keys are {', '.join(sorted(config)[:8])}", file="config.json")
    fetch = "hf download OWNER/NAME config.json --local-dir FOLDER"
    if not (isinstance(kind, str) and kind) and "AutoConfig" not in auto_map(config):
        return failed("The config names no model_type.", keys, remedy=fetch)
    if isinstance(names, list) and names:
        return passed(
            "The config says which model it is.", stated("config.json", "model_type", kind)
        )
    remedy = f'Add "architectures": ["...ForCausalLM"] as the original has it: {fetch}'
    if intent.engine in _ENGINES:
        return failed(
            f"The config names no architecture, by which {intent.engine} chooses the model.",
            keys,
            remedy=remedy,
        )
    return warned("The config names no architecture, which engines need.", keys, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(**config: Any) -> Snapshot:
        return world(folder(config={**LLAMA, **config}))

    yield Example(outcome=Outcome.PASS, snapshot=of())
    yield Example(outcome=Outcome.FAIL, snapshot=of(model_type=None), says="no model_type")
    own = of(model_type=None, auto_map={"AutoConfig": "configuration_x.XConfig"})
    yield Example(outcome=Outcome.PASS, snapshot=own)
    yield Example(outcome=Outcome.WARN, snapshot=of(architectures=None), says="engines need")
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.FAIL, snapshot=of(architectures=[]), intent=vllm)
    told = Intent(engine="vllm", overrides={"architectures": ["LlamaForCausalLM"]})
    yield Example(outcome=Outcome.PASS, snapshot=of(architectures=None), intent=told)
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(kind="gguf")), says="not a folder")
