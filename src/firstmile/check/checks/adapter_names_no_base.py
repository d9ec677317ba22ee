"""The adapter's config names its base model and the kind of adapter.

Why: an adapter holds changes alone. Loading it by itself (AutoPeftModel, AutoModel of a folder with
an adapter) fetches what `base_model_name_or_path` names: with null in it, transformers asks the Hub
for a repository "None"; with a folder of the machine that trained it, for a repository of that
name. Without `peft_type` PEFT stops with "KeyError: 'peft_type'".

Fix: write the base's repository into adapter_config.json, or load the base yourself and put the
adapter on it with `PeftModel.from_pretrained(base, folder)`.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.adapters import CONFIG, adapter_of, base_name
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, passed, seen, stated, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/config-file",
    entries=("repository-name-does-not-exist",),
    references=("https://huggingface.co/docs/peft/main/en/tutorial/peft_model_config",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the base's name and for the kind."""
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    if not isinstance(adapter.config.get("peft_type"), str):
        return failed(
            "The adapter's config does not say what kind of adapter it is.",
            seen("peft_type is missing", file=CONFIG),
            remedy=f'Add "peft_type": "LORA" (or what was trained) to {CONFIG}.',
        )
    named = base_name(adapter)
    if named is None:
        return warned(
            "The adapter does not name the model that it was trained on.",
            stated(
                CONFIG, "base_model_name_or_path", adapter.config.get("base_model_name_or_path")
            ),
            remedy=f'Set "base_model_name_or_path" in {CONFIG} to the base\'s repository.',
        )
    proof = stated(CONFIG, "base_model_name_or_path", named)
    is_path = named.startswith(("/", "~", ".", "\\")) or named[1:3] in (":\\", ":/")
    if is_path and snapshot.base is None:
        return warned(
            "The adapter names its base by a folder that is not on this machine.",
            proof,
            remedy=f'Set "base_model_name_or_path" in {CONFIG} to the base\'s repository.',
        )
    return passed("The adapter names its base.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(base: ModelFolder | None = None, **config: Any) -> Snapshot:
        made = folder(kind="adapter", documents={CONFIG: {"peft_type": "LORA", **config}})
        return world(made, base=base)

    named = of(base_model_name_or_path="Qwen/Qwen2.5-7B-Instruct")
    yield Example(outcome=Outcome.PASS, snapshot=named)
    here = of(folder(config=LLAMA), base_model_name_or_path="/models/llama")
    yield Example(outcome=Outcome.PASS, snapshot=here)
    yield Example(outcome=Outcome.WARN, snapshot=of(), says="does not name")
    away = of(base_model_name_or_path="/home/user/train/llama")
    yield Example(outcome=Outcome.WARN, snapshot=away, says="not on this machine")
    kindless = of(base_model_name_or_path="a/b", peft_type=None)
    yield Example(outcome=Outcome.FAIL, snapshot=kindless, says="what kind")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no adapter")
