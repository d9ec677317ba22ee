"""The tensors have the names of the model, without those of what it was wrapped in for training.

Why: `state_dict()` of a wrapped model puts the wrapper's name before all others: "module." (DDP,
DataParallel, DeepSpeed), "_orig_mod." (torch.compile), "base_model.model." (PEFT),
"_fsdp_wrapped_module." (FSDP), "base_layer" (a LoRA that was not merged). transformers finds none
of its names, fills the whole model with random numbers, warns, and goes on; vLLM stops: "There is
no module or parameter named 'module' in LlamaForCausalLM".

Fix: take the wrapper off before saving (`accelerator.unwrap_model(model)`, `model.module`,
`model.merge_and_unload()`), or rename the tensors of the files.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.tensor_names import layout_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import folder_of, some, stored
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/checkpoint",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/accelerate/main/en/package_reference/accelerator",),
)
_REMEDIES: Final = {
    "module.": "Save accelerator.unwrap_model(model), or model.module, instead of the wrapper",
    "_forward_module.": "Save the model inside of the wrapper of Lightning and DeepSpeed",
    "_orig_mod.": "Save model._orig_mod, the model before torch.compile",
    "_fsdp_wrapped_module.": "Gather a full state dict of the unwrapped model, then save it",
    "_checkpoint_wrapped_module.": "Gather a full state dict of the unwrapped model, then save it",
    "base_model.model.": "Merge the adapter (model.merge_and_unload()), then save the model",
    ".base_layer.": "Merge the adapter (model.merge_and_unload()), then save the model",
    ".lora_A.": "Merge the adapter (model.merge_and_unload()), then save the model",
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the marks of wrappers in the names."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return does_not_apply("without a config no model is loaded from the folder")
    held = stored(model).tensors
    if not held:
        return not_known("the names of the tensors")
    layout = layout_of(model)
    if layout is None:
        names = list(held)
    else:
        within = (one.name for layer in layout.layers.values() for one in layer.values())
        names = [*layout.outside, *within]
    joined = "\n" + "\n".join(names)
    for mark, remedy in _REMEDIES.items():
        looked_for = mark if mark.startswith((".", "_")) else f"\n{mark}"
        if looked_for not in joined:
            continue
        found = [name for name in names if looked_for in f"\n{name}"]
        whole = f"{len(found):,} of {counted(len(held), 'tensor')}"
        return failed(
            f"The names of {whole} keep a wrapper of the training: {mark.strip('.')}.",
            seen(some(found, 3)),
            remedy=f"{remedy}, or rename the tensors without {mark!r}.",
        )
    return passed(f"None of {counted(len(held), 'name')} keeps a wrapper.", seen(some(names, 2)))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*names: str, **parts: str) -> Snapshot:
        tensors = dict.fromkeys(names, ("BF16", (4, 4)))
        return world(folder(config={**LLAMA, **parts}, shards=[shard(tensors)]))

    query = "model.layers.0.self_attn.q_proj.weight"
    yield Example(outcome=Outcome.PASS, snapshot=of(query, "lm_head.weight"))
    modules = "model.layers.0.submodule.weight"
    yield Example(outcome=Outcome.PASS, snapshot=of(modules, "model.vision_module.weight"))
    for name in (
        f"module.{query}",
        f"_orig_mod.{query}",
        f"base_model.model.{query}",
        f"_fsdp_wrapped_module.{query}",
        "model.layers.0.self_attn.q_proj.base_layer.weight",
    ):
        yield Example(outcome=Outcome.FAIL, snapshot=of(name, "x"), says="1 of 2 tensors")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="not known")
    adapter = world(folder(kind="adapter"))
    yield Example(outcome=Outcome.SKIP, snapshot=adapter, says="does not apply")
