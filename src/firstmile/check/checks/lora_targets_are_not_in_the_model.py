"""The modules that an adapter is to be trained on are in the model.

Why: architectures name their matrices differently: q_proj in Llama, c_attn in GPT-2,
query_key_value in Falcon and ChatGLM, qkv_proj in Phi-3, W_pack in Baichuan. Where none of the
names occurs, PEFT stops with "Target modules ... not found in the base model". Where some do, the
others are left out without a word, and less is trained than was meant.

Fix: name modules of this architecture, or all-linear, which takes every linear layer but the head.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.layer_names import layers_of, names_for_adapters
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("lora-target-modules-do-not-exist-in-the-model",),
    references=("https://huggingface.co/docs/peft/package_reference/lora",),
)
_ALL: Final = ("all-linear", "all", "all_linear")
_PATTERN: Final = re.compile(r"[\\*+?\[\](){}|^$]")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the names up among the tensors of the folder, or in the table of architectures."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    targets = training.lora.target_modules if training.lora else ()
    if not targets:
        return does_not_apply("the command names no modules")
    if any(each in _ALL for each in targets):
        return does_not_apply("every linear layer is taken")
    if any(_PATTERN.search(each) for each in targets):
        return not_known("what a pattern of names matches")
    if snapshot.model is None:
        return not_known("the model's folder")
    known = names_for_adapters(snapshot.model)
    if known is None:
        return not_known("the names of the model's modules")
    missing = tuple(each for each in targets if each.rpartition(".")[2] not in known)
    linear = layers_of(snapshot.model.config)
    offered = ", ".join(sorted(linear.linear if linear else known)[:12])
    proof = (seen(f"lora_target_modules = {' '.join(targets)}"), seen(f"the model has: {offered}"))
    if not missing:
        return passed("The model has all modules that are named.", *proof)
    names = ", ".join(map(text_word, offered.split(", ")))
    remedy = f"Name some of: {names}; or all-linear."
    if len(missing) == len(targets):
        return failed(
            f"None of the modules {', '.join(targets)} is in the model.", *proof, remedy=remedy
        )
    return warned(
        f"The model has no {', '.join(missing)}: nothing is trained there.", *proof, remedy=remedy
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    llama = folder(config=LLAMA)

    def of(outcome: Outcome, model: Any, *targets: str) -> Example:
        return Example(outcome=outcome, snapshot=world(model), intent=tuning(**adapter(*targets)))

    yield of(Outcome.PASS, llama, "q_proj", "v_proj")
    yield of(Outcome.FAIL, llama, "c_attn")
    yield of(Outcome.WARN, llama, "q_proj", "W_pack")
    yield of(Outcome.PASS, llama, "model.layers.0.self_attn.q_proj")
    yield of(Outcome.PASS, llama, "q_proj", "lm_head")
    phi = folder(config={**LLAMA, "model_type": "phi3"})
    yield of(Outcome.FAIL, phi, "q_proj", "k_proj", "v_proj")
    yield of(Outcome.PASS, phi, "qkv_proj")
    yield of(Outcome.PASS, folder(config={**LLAMA, "model_type": "mixtral"}), "q_proj", "w1")
    unknown = {**LLAMA, "model_type": "brand_new"}
    held = shard({"transformer.h.0.attn.fused_qkv.weight": ("BF16", (4, 4))})
    yield of(Outcome.FAIL, folder(config=unknown, shards=[held]), "q_proj")
    yield of(Outcome.PASS, folder(config=unknown, shards=[held]), "fused_qkv")
    original = shard({"layers.0.attention.wq.weight": ("BF16", (4, 4))})
    yield of(Outcome.SKIP, folder(config=unknown, shards=[original]), "q_proj")
    yield of(Outcome.SKIP, folder(config=unknown), "q_proj")
    yield of(Outcome.SKIP, llama, "all-linear")
    yield of(Outcome.SKIP, llama, ".*(q_proj|v_proj)")
    yield of(Outcome.SKIP, llama)
    yield of(Outcome.SKIP, None, "q_proj")
