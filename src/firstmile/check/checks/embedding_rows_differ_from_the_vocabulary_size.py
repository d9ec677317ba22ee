"""Embedding and head have as many rows as the config states for the vocabulary.

Why: tokens were added and the embedding was resized, and config.json was copied from the model
before, or the other way round. Loading stops: "size mismatch for model.embed_tokens.weight:
copying a param with shape torch.Size([32001, 4096]) from checkpoint, the shape in current model
is torch.Size([32000, 4096])"; vLLM stops at an assertion in its embedding.

Fix: set `vocab_size` to the number of rows, where the tokenizer is the one with the added tokens;
else fetch config and weights of one revision.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.tensor_names import PLAIN, family_of, layout_of
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
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/shape-error",
    cause="corruption/config-file",
    entries=("vocabulary-of-checkpoint-and-model-differ",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/model",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the rows of embedding and head against `vocab_size`."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return not_known("the config of the model")
    if intent.overrides:
        return does_not_apply("the command changes the config")
    stated_rows = read_architecture(model.config).vocabulary
    layout = layout_of(model)
    if family_of(model.config) is None or layout is None or stated_rows is None:
        return not_known("the embedding of this architecture")
    found = [
        one
        for one in (layout.embedding, layout.output)
        if one is not None and one.dtype in PLAIN and len(one.shape) == 2
    ]
    if not found:
        return not_known("the rows of the embedding")
    wrong = [one for one in found if one.shape[0] != stated_rows]
    proof = stated("config.json", "vocab_size", stated_rows)
    if not wrong:
        return passed(f"Embedding and head have {stated_rows:,} rows.", proof)
    rows = wrong[0].shape[0]
    size = model.tokenizer.size if model.tokenizer is not None else None
    fits = size is None or size <= rows
    return failed(
        f"The config states {stated_rows:,} tokens, and {wrong[0].name} has {rows:,} rows.",
        *(seen(f"{one.name}: {list(one.shape)}") for one in wrong),
        proof,
        remedy=f'Set "vocab_size": {rows} in config.json.'
        if fits and len({one.shape[0] for one in found}) == 1
        else "Fetch config, weights and tokenizer of one revision.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rows: int, head: int | None = None, dtype: str = "BF16", **config: Any) -> Snapshot:
        tensors = {
            "model.embed_tokens.weight": (dtype, (rows, 4)),
            "model.layers.0.input_layernorm.weight": ("BF16", (4,)),
        }
        if head is not None:
            tensors["lm_head.weight"] = (dtype, (head, 4))
        return world(folder(config={**LLAMA, **config}, shards=[shard(tensors)]))

    yield Example(outcome=Outcome.PASS, snapshot=of(128256, 128256))
    yield Example(outcome=Outcome.PASS, snapshot=of(128256))
    added = of(128257, 128257)
    yield Example(outcome=Outcome.FAIL, snapshot=added, says="128,257 rows")
    half = of(128256, 128257)
    yield Example(outcome=Outcome.FAIL, snapshot=half, says="lm_head.weight")
    yield Example(outcome=Outcome.SKIP, snapshot=of(16032, dtype="U8"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(8, model_type="mllama_text_model"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="not known")
