"""The longest samples fit into the length at which they are cut.

Why: what is longer is cut without an error. With the loss on answers alone the answer is what is
lost: the whole sample is masked, TRL drops it, or the loss becomes nan. TRL cuts at 1,024 tokens,
LLaMA-Factory at 2,048, where nothing is said.

Fix: raise the limit (--max_length, cutoff_len, sequence_len), or part long samples beforehand.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import generated_by, hidden_settings, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("training-loss-is-zero-because-no-token-has-a-label",),
    references=("https://huggingface.co/docs/trl/sft_trainer",),
)
_DEFAULTS: Final = {"trl": 1024, "llama-factory": 2048}
_CHARACTERS: Final = 8
"""Characters of a token at the most, over a long text: English has about 4, Chinese 1 to 2."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the longest record against the limit, at the fewest tokens that it can have."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if generated_by(intent) is not None:
        return does_not_apply("the model writes the answers itself, and prompts are cut apart")
    raw = settings_of(intent).values.get("max_length")
    if training.max_length is None and str(raw).lower() in ("none", "null") and raw is not None:
        return does_not_apply("samples are not cut")
    hidden = hidden_settings(intent)
    if training.max_length is None and hidden is not None:
        return hidden
    limit = training.max_length or _DEFAULTS.get(intent.engine or "")
    if limit is None:
        return does_not_apply("no length limit is known")
    if training.packing:
        return does_not_apply("packing goes on with the rest of a long sample, or drops it")
    long = [each for each in training.datasets if each.longest_characters is not None]
    if not long:
        return not_known("the length of the samples")
    longest = max(long, key=lambda one: one.longest_characters or 0)
    characters = longest.longest_characters or 0
    least = characters // _CHARACTERS
    said = "said" if training.max_length else "the default"
    proof = (
        seen(f"longest record: {characters:,} characters", file=longest.path),
        seen(f"samples are cut at {limit:,} tokens ({said})"),
    )
    if least <= limit:
        return passed("The longest sample may fit into the limit.", *proof)
    answers = training.completion_only
    return warned(
        f"The longest sample has at least {least:,} tokens and is cut at {limit:,}"
        + (": its answer is lost." if answers else "."),
        *proof,
        remedy=f"Raise the limit to {-(-least // 1024) * 1024:,} or more, or part such samples.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, characters: int | None, **said: Any) -> Example:
        data = Dataset(path="d.jsonl", form="jsonl", records=99, longest_characters=characters)
        said = {"engine": "trl", **said}
        return Example(outcome=outcome, snapshot=world(), intent=tuning(datasets=(data,), **said))

    yield of(Outcome.WARN, 40_000)
    yield of(Outcome.PASS, 40_000, max_length=8192)
    yield of(Outcome.PASS, 4_000)
    yield of(Outcome.WARN, 400_000, max_length=8192, completion_only=True)
    yield of(Outcome.SKIP, 40_000, flags={"max_length": "None"})
    yield of(Outcome.SKIP, 40_000, engine="transformers")
    yield of(Outcome.SKIP, 400_000, packing=True)
    yield of(Outcome.SKIP, 400_000, command="trl grpo --max_completion_length 2048")
    yield of(Outcome.SKIP, None)
