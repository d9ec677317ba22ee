"""Rank, scale and dropout of an adapter are such that it can learn.

Why: an adapter adds two matrices of rank r, times alpha / r. PEFT refuses a rank of 0 ("r should
be a positive integer value"), torch a dropout above 1. With alpha 0 nothing is ever added, with
dropout 1 nothing is ever learnt. A rank as large as the matrix costs more than full fine-tuning,
and a scale far above 2 makes training diverge at usual rates.

Fix: begin with rank 8 to 64, alpha once or twice the rank, and dropout 0 to 0.1.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import Architecture, read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=(
        "https://arxiv.org/abs/2106.09685",
        "https://huggingface.co/docs/peft/package_reference/lora",
    ),
)
_LARGEST_SCALE: Final = 16.0
_SMALLEST_SCALE: Final = 1 / 64


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold rank, alpha and dropout against what works at all."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    lora = training.lora
    if lora is None or (lora.rank is None and lora.alpha is None and lora.dropout is None):
        return does_not_apply("the command sets neither rank nor scale of an adapter")
    rank, alpha, dropout = lora.rank, lora.alpha, lora.dropout
    if rank is not None and rank <= 0:
        return failed(
            f"An adapter of rank {rank} does not exist.",
            seen(f"rank = {rank}"),
            remedy=_rank_of_16(intent),
        )
    if alpha is not None and alpha <= 0:
        return failed(
            f"With alpha {alpha:g} the adapter adds nothing that it learns.",
            seen(f"alpha = {alpha:g}"),
            remedy="Take an alpha of once or twice the rank.",
        )
    if dropout is not None and not 0 <= dropout < 1:
        return failed(
            f"A dropout of {dropout:g} leaves nothing to learn from.",
            seen(f"dropout = {dropout:g}"),
            remedy="Take a dropout of 0 to 0.1.",
        )
    config = snapshot.model.config if snapshot.model else None
    narrow = _narrowest(read_architecture(config)) if config is not None else None
    if rank is not None and narrow is not None and rank >= narrow:
        return warned(
            f"Rank {rank} is not below {narrow}, the width of the model's narrowest matrices.",
            seen(f"rank = {rank}"),
            seen(f"narrowest width = {narrow}"),
            remedy="Take a rank of 8 to 64, or train the model in full.",
        )
    if rank is not None and alpha is not None:
        rooted = settings_of(intent).truth("use_rslora")
        scale = alpha / (rank**0.5 if rooted else rank)
        if not _SMALLEST_SCALE <= scale <= _LARGEST_SCALE:
            return warned(
                f"The adapter is scaled by {scale:.3g}, far from the usual 1 to 2.",
                seen(f"rank = {rank}"),
                seen(f"alpha = {alpha:g}"),
                remedy=f"Take an alpha of {rank} to {2 * rank}.",
            )
    return passed("Rank, scale and dropout are usual.", seen(f"rank = {rank}"))


def _narrowest(sizes: Architecture) -> int | None:
    if sizes.hidden is None or sizes.latent is not None:
        return None
    kv = (sizes.kv_heads or 0) * (sizes.head_width or 0)
    return min(sizes.hidden, kv) if kv else sizes.hidden


def _rank_of_16(intent: Intent) -> str:
    if intent.engine == "trl":
        return "Say --lora_r 16 (usual: 8 to 64)."
    return "Take a rank of 8 to 64."


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)

    def of(outcome: Outcome, rank: int | None, snapshot: Any = model, **said: Any) -> Example:
        flags = said.pop("flags", {})
        intent = tuning(flags=flags, **adapter("q_proj", rank=rank, **said))
        return Example(outcome=outcome, snapshot=world(snapshot), intent=intent)

    yield of(Outcome.FAIL, 0)
    yield of(Outcome.FAIL, 16, alpha=0.0)
    yield of(Outcome.FAIL, 16, dropout=1.0)
    yield of(Outcome.PASS, 16, alpha=32.0, dropout=0.05)
    yield of(Outcome.PASS, 256, alpha=512.0)
    yield of(Outcome.WARN, 1024)
    yield of(Outcome.PASS, 1023)
    yield of(Outcome.WARN, 4, alpha=512.0)
    yield of(Outcome.PASS, 256, None, alpha=16.0)
    yield of(Outcome.WARN, 512, None, alpha=1.0)
    yield of(Outcome.PASS, 256, None, alpha=1.0, flags={"use_rslora": "True"})
    yield of(Outcome.SKIP, None)
