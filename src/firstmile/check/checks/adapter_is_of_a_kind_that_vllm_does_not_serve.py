"""The adapter that vLLM is to serve is a plain LoRA, with no whole modules beside it.

Why: vLLM adds the low ranks of a LoRA to layers of the base and can put nothing in their place. It
refuses an adapter of DoRA ("vLLM does not yet support DoRA") and one that brings whole modules,
such as a trained embedding or head ("vLLM only supports modules_to_save being None").

Fix: merge the adapter into its base (merge_and_unload, then save_pretrained), and serve the result.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.adapters import CONFIG, adapter_of
from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, stated
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    references=("https://docs.vllm.ai/en/latest/api/vllm/lora/peft_helper/",),
)
_MERGE: Final = (
    "Merge the adapter into its base: PeftModel.from_pretrained(base, ADAPTER).merge_and_unload()"
    ".save_pretrained(FOLDER), and serve that folder."
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for DoRA and for whole modules in the adapter's config."""
    if intent.engine != "vllm":
        return does_not_apply("the engine is not vLLM")
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    modules = adapter.config.get("modules_to_save")
    if isinstance(modules, list) and modules:
        return failed(
            "The adapter brings whole modules, which vLLM does not take.",
            stated(CONFIG, "modules_to_save", modules),
            remedy=_MERGE,
        )
    if adapter.config.get("use_dora") is True:
        return failed(
            "The adapter is one of DoRA, which vLLM does not take.",
            stated(CONFIG, "use_dora", True),
            remedy=_MERGE,
        )
    return passed(
        "The adapter is a LoRA without whole modules.", stated(CONFIG, "modules_to_save", modules)
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    serve = Intent(action=Action.SERVE, engine="vllm", adapters=("./a",))

    def of(outcome: Outcome, intent: Intent = serve, says: str = "", **more: Any) -> Example:
        made = {"peft_type": "LORA", "r": 8, "base_model_name_or_path": "base", **more}
        adapter = folder(documents={CONFIG: made}, kind="adapter")
        return Example(outcome=outcome, snapshot=world(adapter), intent=intent, says=says)

    yield of(Outcome.PASS)
    yield of(Outcome.PASS, modules_to_save=None, use_dora=False, use_rslora=True)
    yield of(Outcome.PASS, modules_to_save=[])
    yield of(Outcome.FAIL, modules_to_save=["lm_head"], says="whole modules")
    yield of(Outcome.FAIL, use_dora=True, says="DoRA")
    yield of(Outcome.SKIP, Intent(engine="transformers"), use_dora=True, says="not vLLM")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), intent=serve, says="no adapter")
