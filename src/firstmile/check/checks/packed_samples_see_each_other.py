"""Samples that share a row are kept apart by the attention that is used.

Why: packing and padding-free training lay several samples into one row. Flash attention reads
from the positions where each begins; other implementations do not, and every sample attends to
its neighbours. Nothing fails, and the model learns from mixed texts. TRL warns of it
("cross-contamination"), LLaMA-Factory keeps samples apart with neat_packing alone.

Fix: say --attn_implementation flash_attention_2, or switch packing off.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import hidden_settings, release_here, settings_of, training_in
from firstmile.check.training_worlds import tuning
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
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

_APART: Final = ("flash", "fa2", "fa3", "flex_attention", "xformers")
ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("loss-does-not-fall-in-fine-tuning",),
    references=(
        "https://huggingface.co/docs/trl/reducing_memory_usage",
        "https://huggingface.co/docs/trl/sft_trainer",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the attention where rows hold several samples."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.packing and not training.padding_free:
        return does_not_apply("each sample has a row of its own")
    get = settings_of(intent)
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    if intent.engine == "llama-factory":
        if get.truth("neat_packing"):
            return passed("Samples are kept apart by neat_packing.")
        return warned(
            "LLaMA-Factory's packing lets samples in a row see each other.",
            seen("packing = True"),
            remedy="Set neat_packing: true.",
        )
    how = "padding_free" if training.padding_free else "packing"
    attention = (intent.attention or "").lower()
    proof = (seen(f"{how} = True"), seen(f"attention = {intent.attention or 'not said'}"))
    if any(each in attention for each in _APART):
        return passed("This attention keeps the samples of a row apart.", *proof)
    if intent.engine == "axolotl" and attention in ("sdpa", "sage", "eager"):
        return not_known("whether this release of axolotl keeps samples apart in it")
    if intent.engine == "transformers":
        return not_known("how the script lays samples into rows")
    if training.packing and get.text("packing_strategy") == "wrapped":
        return does_not_apply("samples are joined and cut on purpose")
    if intent.engine == "trl" and not training.padding_free:
        release = release_here(snapshot, "trl")
        if release is not None and release < (0, 19):
            return does_not_apply("this TRL joins and cuts samples as one text")
    tell = failed if training.padding_free else warned
    return tell(
        f"With {how} samples see each other unless flash attention is used.",
        *proof,
        remedy=f"Say --attn_implementation flash_attention_2, or leave --{how} out.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, trl: str = "0.24.0", **said: Any) -> Example:
        said = {"engine": "trl", **said}
        here = machine(packages={"trl": trl})
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    flash = {"attention": "flash_attention_2"}
    yield of(Outcome.WARN, packing=True)
    yield of(Outcome.WARN, packing=True, attention="sdpa")
    yield of(Outcome.PASS, packing=True, **flash)
    yield of(Outcome.PASS, packing=True, attention="kernels-community/flash-attn2")
    yield of(Outcome.FAIL, padding_free=True)
    yield of(Outcome.PASS, padding_free=True, **flash)
    yield of(Outcome.SKIP, packing=True, flags={"packing_strategy": "wrapped"})
    yield of(Outcome.SKIP, "0.18.0", packing=True)
    yield of(Outcome.WARN, packing=True, engine="llama-factory")
    neat = {"neat_packing": "true"}
    yield of(Outcome.PASS, packing=True, engine="llama-factory", flags=neat)
    yield of(Outcome.SKIP, packing=True, engine="transformers")
    yield of(Outcome.SKIP, packing=True, engine="axolotl", attention="sdpa")
    yield of(Outcome.WARN, packing=True, engine="axolotl")
    yield of(Outcome.SKIP)
