"""Names of LoRA modules are given to TRL as several words, not as one.

Why: TRL's commands hand a single word after --lora_target_modules on as a text, and PEFT takes a
text for a regular expression that must match the whole path of a module. "q_proj" alone then
matches nothing, and neither does "q_proj,v_proj": "Target modules q_proj not found in the base
model".

Fix: name two modules with a blank between them, write the pattern ".*q_proj", or say all-linear.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.layer_names import names_for_adapters
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.words_to_copy import python_text, text_word
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("lora-target-modules-do-not-exist-in-the-model",),
    references=("https://github.com/huggingface/trl/blob/main/trl/trainer/model_config.py",),
)
_PLAIN: Final = re.compile(r"[\w.,]+")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at how many words follow the flag."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "trl":
        return does_not_apply("no command of TRL")
    targets = training.lora.target_modules if training.lora else ()
    if not targets:
        return does_not_apply("the command names no modules")
    raw = settings_of(intent).values.get("lora_target_modules")
    if isinstance(raw, str):
        words = raw.split()
    else:
        words = [str(each) for each in (raw if isinstance(raw, list | tuple) else targets)]
    said = seen(f"lora_target_modules = {' '.join(words)}")
    if len(words) != 1:
        return passed("Several modules are named.", said)
    if words[0] == "all-linear":
        return passed("Every linear layer is taken.", said)
    if _PLAIN.fullmatch(words[0]) is None or words[0].startswith("."):
        return does_not_apply("a pattern is given on purpose")
    known = None if snapshot.model is None else names_for_adapters(snapshot.model)
    parts = [each for each in words[0].split(",") if each]
    there = [each for each in parts if known is None or each.rpartition(".")[2] in known]
    if not there:
        return does_not_apply("the model has no module of the name, which another check tells")
    tell = failed if intent.launcher == "trl" else warned
    return tell(
        f"TRL hands {words[0]} on as a pattern for whole paths, which matches no module.",
        said,
        remedy=f"Say --lora_target_modules {' '.join(map(text_word, there))}"
        if len(there) > 1
        else f"Say --lora_target_modules {python_text(f'.*{there[0]}')}, or name a second module.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        words: str,
        *targets: str,
        command: str = "trl sft",
        engine: str = "trl",
        model: ModelFolder | None = None,
    ) -> Example:
        flags = {"lora_target_modules": words}
        intent = tuning(engine=engine, command=command, flags=flags, **adapter(*targets))
        return Example(outcome=outcome, snapshot=world(model), intent=intent)

    yield of(Outcome.FAIL, "q_proj", "q_proj")
    llama = folder(config=LLAMA)
    yield of(Outcome.FAIL, "q_proj", "q_proj", model=llama)
    yield of(Outcome.SKIP, "c_attn", "c_attn", model=llama)
    yield of(Outcome.FAIL, "q_proj,c_attn", "q_proj", "c_attn", model=llama)
    yield of(Outcome.FAIL, "q_proj,v_proj", "q_proj", "v_proj")
    yield of(Outcome.PASS, "q_proj v_proj", "q_proj", "v_proj")
    yield of(Outcome.PASS, "all-linear", "all-linear")
    yield of(Outcome.WARN, "q_proj", "q_proj", command="python sft.py")
    yield of(Outcome.SKIP, ".*q_proj", ".*q_proj")
    yield of(Outcome.SKIP, "q_proj", "q_proj", engine="transformers")
