"""A head that is tied to the embedding does not lie beside it with other numbers.

Why: `tie_word_embeddings` true makes one matrix of both, and a head in the files is passed over:
transformers before 5, vLLM and SGLang write with the embedding instead of the head that was
trained, and the answers are noise or worse than they were in training. transformers 5 keeps both
and says "both are present in the checkpoints with different values, so we will NOT tie them", so
that the same folder works in one place and not in the other.

Fix: set `tie_word_embeddings` to false, in config.json and where there is one in its text part.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.tensor_names import layout_of
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
from firstmile.facts.model_folder.architecture import is_tied, read_architecture
from firstmile.facts.model_folder.folder import ModelFolder, Sample, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/config-file",
    entries=("weights-were-left-random-while-loading",),
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_utils.py",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare what was sampled of both, where both are in the files."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return not_known("the config of the model")
    sizes = read_architecture(model.config)
    if not is_tied(sizes):
        return does_not_apply("the head is not tied")
    layout = layout_of(model)
    if layout is None:
        return not_known("the names of the tensors")
    embedding, output = layout.embedding, layout.output
    if output is None or embedding is None:
        return passed("The tied head has no matrix of its own in the files.")
    told = _told_apart(model, embedding, output)
    if told is None:
        return not_known("the numbers of embedding and head")
    if not told:
        return passed("Of embedding and tied head the same numbers were sampled.")
    return failed(
        "The config ties head and embedding, and the files hold a head of other numbers.",
        stated("config.json", "tie_word_embeddings", sizes.tied),
        *(seen(text) for text in told),
        remedy='Set "tie_word_embeddings": false in config.json.',
    )


def _told_apart(model: ModelFolder, first: Tensor, second: Tensor) -> tuple[str, ...] | None:
    """Return what differs between two tensors, nothing where all that was seen is alike."""
    if first.shape != second.shape:
        return tuple(f"{one.name}: {list(one.shape)}" for one in (first, second))
    samples = {one.tensor: one for one in model.samples}
    mine, other = samples.get(first.name), samples.get(second.name)
    if mine is None or other is None or first.dtype != second.dtype:
        return None
    if (mine.read, mine.zero, mine.largest) == (other.read, other.zero, other.largest):
        return ()
    return tuple(
        f"{one.tensor}: largest {one.largest}, {one.zero:,} zeros in {one.read:,} numbers"
        for one in (mine, other)
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(largest: float | None, rows: int = 8, **config: Any) -> Snapshot:
        names = ("model.embed_tokens.weight", "lm_head.weight")
        tensors: dict[str, tuple[str, tuple[int, ...]]] = {
            "model.layers.0.input_layernorm.weight": ("BF16", (4,)),
            names[0]: ("BF16", (8, 4)),
        }
        if largest is not None:
            tensors[names[1]] = ("BF16", (rows, 4))
        samples = tuple(
            Sample(
                tensor=name,
                path="model.safetensors",
                read=32,
                nan=0,
                infinite=0,
                zero=0,
                largest=value,
            )
            for name, value in zip(names, (0.5, largest), strict=True)
        )
        tied = {**LLAMA, "tie_word_embeddings": True, **config}
        return world(folder(config=tied, shards=[shard(tensors)], samples=samples))

    yield Example(outcome=Outcome.PASS, snapshot=of(0.5), says="the same numbers")
    yield Example(outcome=Outcome.PASS, snapshot=of(None), says="no matrix of its own")
    yield Example(outcome=Outcome.FAIL, snapshot=of(0.75), says="other numbers")
    yield Example(outcome=Outcome.FAIL, snapshot=of(0.5, rows=9), says="other numbers")
    untied = of(0.75, tie_word_embeddings=False)
    yield Example(outcome=Outcome.SKIP, snapshot=untied, says="not tied")
    tied = folder(config={**LLAMA, "tie_word_embeddings": True})
    yield Example(outcome=Outcome.SKIP, snapshot=world(tied), says="not known")
