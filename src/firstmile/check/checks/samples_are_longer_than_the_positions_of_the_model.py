"""Samples are cut at a length that the model has positions for.

Why: a model with learnt positions (GPT-2, OPT, GPT-BigCode) has a table of them, and a longer
sample ends in "index out of range in self", on a GPU in a device-side assert. Models with rotary
positions go on without an error, over positions that they never saw.

Fix: set the length (max_length, cutoff_len, sequence_len) to the model's positions or less, or give
it a RoPE scaling on purpose.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.rope import stretched
from firstmile.check.training_sizes import Generated, generated_by, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/invalid-value",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("token-id-is-outside-the-embedding-on-the-gpu",),
    references=("https://huggingface.co/docs/transformers/model_doc/gpt2",),
)
_LEARNT: Final = ("gpt2", "gpt_bigcode", "opt", "gpt_neo", "codegen2")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the length against the positions."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    length = training.max_length
    generated = generated_by(intent)
    if generated is not None:
        length = generated.answer if generated.said else None
        length = generated.tokens if length and generated.prompt_said else length
    if length is None or length <= 0:
        return does_not_apply("the command names no length of samples")
    config = snapshot.model.config if snapshot.model else None
    if config is None:
        return not_known("the model's config")
    sizes = read_architecture(config)
    most = stretched(sizes, intent.rope_scaling)
    if most is None:
        return does_not_apply("the config states no number of positions")
    proof = (
        seen(f"length of samples = {length:,}{_parts(generated)}"),
        stated("config.json", "max_position_embeddings", sizes.positions),
    )
    if length <= most:
        return passed(f"Samples of {length:,} tokens fit into {most:,} positions.", *proof)
    tell = failed if sizes.model_type in _LEARNT else warned
    return tell(
        f"Samples of up to {length:,} tokens are longer than the model's {most:,} positions.",
        *proof,
        remedy=f"Cut samples at {most:,} tokens{' in all' if generated else ''}.",
    )


def _parts(generated: Generated | None) -> str:
    if generated is None:
        return ""
    prompt = f"prompts of {generated.prompt:,}, and " if generated.prompt_said else ""
    return f" ({prompt}answers of {generated.answer:,} that the model writes)"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    gpt2 = folder(config={"model_type": "gpt2", "n_positions": 1024, "n_embd": 768})
    llama = folder(config=LLAMA)

    def of(outcome: Outcome, model: Any, length: int | None) -> Example:
        return Example(outcome=outcome, snapshot=world(model), intent=tuning(max_length=length))

    yield of(Outcome.FAIL, gpt2, 2048)
    yield of(Outcome.PASS, gpt2, 1024)
    yield of(Outcome.WARN, llama, 16384)
    yield of(Outcome.PASS, llama, 8192)
    scaled = {**LLAMA, "rope_scaling": {"rope_type": "linear", "factor": 4.0}}
    yield of(Outcome.PASS, folder(config=scaled), 32768)
    yield of(Outcome.SKIP, llama, None)
    yield of(Outcome.SKIP, None, 4096)
    answers = {"max_completion_length": 8000}
    made = tuning(engine="trl", command="trl grpo --output_dir o", settings=answers)
    yield Example(outcome=Outcome.PASS, snapshot=world(llama), intent=made, says="8,000")
    both = {**answers, "max_prompt_length": 512}
    made = tuning(engine="trl", command="trl grpo --output_dir o", settings=both)
    yield Example(outcome=Outcome.WARN, snapshot=world(llama), intent=made, says="8,512")
    made = tuning(engine="trl", command="trl grpo --output_dir o")
    yield Example(outcome=Outcome.SKIP, snapshot=world(llama), intent=made)
