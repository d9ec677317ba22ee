"""The inference demo of DeepSeek's repository is given a model of DeepSeek V2 or V3.

Why: convert.py knows the names of the tensors of these two, and stops at others: "assert key in
mapping". The distillations of R1 are models of Qwen and Llama by their architecture, whatever
their names say.

Fix: serve them with vLLM, SGLang or transformers as any Qwen or Llama.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    references=("https://github.com/deepseek-ai/DeepSeek-V3/blob/main/inference/convert.py",),
)
_ENGINE: Final = "deepseek-demo"
_TAKEN: Final = ("deepseek_v3", "deepseek_v2", "deepseek_v32")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the type of the model that is converted."""
    if intent.engine != _ENGINE or intent.action is not Action.CONVERT:
        return does_not_apply("nothing is converted for DeepSeek's demo")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    kind = config.get("model_type")
    proof = (seen("convert.py of DeepSeek's demo"), stated("config.json", "model_type", kind))
    if kind in _TAKEN:
        return passed("The demo takes this type of model.", *proof)
    return failed(
        f"The demo takes DeepSeek V2 and V3 alone, and the model is of the type {kind}.",
        *proof,
        remedy="Serve it as it is: vllm serve MODEL, or python -m sglang.launch_server "
        "--model-path MODEL.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    asked = Intent(action=Action.CONVERT, engine=_ENGINE)

    def of(kind: str) -> Any:
        return world(folder(config={**LLAMA, "model_type": kind}))

    yield Example(outcome=Outcome.FAIL, snapshot=of("qwen2"), intent=asked, says="type qwen2")
    yield Example(outcome=Outcome.PASS, snapshot=of("deepseek_v3"), intent=asked)
    served = Intent(engine="vllm", action=Action.SERVE)
    yield Example(outcome=Outcome.SKIP, snapshot=of("qwen2"), intent=served)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
