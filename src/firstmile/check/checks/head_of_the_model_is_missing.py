"""The head that writes tokens is in the weight files, or it is tied to the embedding.

Why: with `tie_word_embeddings` false and no `lm_head.weight` in the files, transformers fills the
head with random numbers, says "Some weights ... were not initialized: ['lm_head.weight']" or
"lm_head.weight | MISSING", and every answer is noise. It happens where a tied model was saved and
its config lost the setting (trainers that gather shards, merges, hand-made configs), and where
only the base model was saved.

Fix: set `tie_word_embeddings` to true where the model's original config has it so; else save the
whole model again.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.tensor_names import OUTPUTS, family_of, layout_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.weight_files import folder_of, stored
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.architecture import is_tied, read_architecture, text_config
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/checkpoint",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/configuration",),
)
_WRITES: Final = ("ForCausalLM", "LMHeadModel")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a head where it is not tied."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    config = model.config
    if config is None:
        return not_known("the config of the model")
    if text_config(config) is not config or "vision_config" in config:
        return does_not_apply("the model has parts beside text, which tie in ways of their own")
    sizes = read_architecture(config)
    if not any(name.endswith(_WRITES) for name in sizes.names):
        return does_not_apply("the architecture writes no text")
    held = stored(model)
    layout = layout_of(model)
    if held.unread is not None:
        return not_known(f"all tensors: {held.unread}")
    if family_of(config) is None or layout is None:
        return not_known("the head of this architecture")
    if layout.has_output:
        return passed("The head of the model is in the weight files.", seen(OUTPUTS[0]))
    tie = stated("config.json", "tie_word_embeddings", sizes.tied)
    if is_tied(sizes):
        return passed("The head of the model is tied to the embedding.", tie)
    if not layout.head:
        return does_not_apply("the files hold the base of the model alone, as for embeddings")
    return failed(
        "The head of the model is not in the weight files and is not tied: it is left random.",
        tie,
        seen(f"none of {counted(len(held.tensors), 'tensor')} is lm_head.weight"),
        remedy='Set "tie_word_embeddings": true in config.json where the original model has it; '
        "else save the whole model again.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*names: str, head: str = "model.", **config: Any) -> Snapshot:
        tensors = dict.fromkeys(
            (f"{head}embed_tokens.weight", f"{head}layers.0.input_layernorm.weight", *names),
            ("BF16", (4, 4)),
        )
        return world(folder(config={**LLAMA, **config}, shards=[shard(tensors)]))

    yield Example(outcome=Outcome.PASS, snapshot=of("lm_head.weight"))
    yield Example(outcome=Outcome.PASS, snapshot=of("lm_head.qweight"))
    yield Example(outcome=Outcome.PASS, snapshot=of(tie_word_embeddings=True))
    gemma = of(model_type="gemma2", tie_word_embeddings=None)
    yield Example(outcome=Outcome.PASS, snapshot=gemma, says="tied")
    yield Example(outcome=Outcome.FAIL, snapshot=of(), says="left random")
    silent = of(tie_word_embeddings=None)
    yield Example(outcome=Outcome.FAIL, snapshot=silent, says="left random")
    yield Example(outcome=Outcome.SKIP, snapshot=of(architectures=["LlamaModel"]))
    yield Example(outcome=Outcome.SKIP, snapshot=of(head=""), says="base of the model")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="not known")
