"""No number that was sampled of the weights is NaN or infinite.

Why: one NaN in a matrix makes every answer NaN. Sampling then stops with "probability tensor
contains either `inf`, `nan` or element < 0", greedy decoding writes token 0 for ever ("!!!!"), and
engines send empty texts. Such weights come from a training that diverged, from float16 that
overflowed when a model was merged or converted, or from a disk or a download that failed.

Fix: fetch the file again, or take an earlier checkpoint; convert with bfloat16 or float32.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Sample
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/checkpoint",
    entries=("sampling-meets-inf-or-nan-probabilities",),
    references=("https://docs.pytorch.org/docs/stable/generated/torch.multinomial.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for numbers that are none in the samples."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if not model.samples:
        if not model.shards and not model.ggufs:
            return does_not_apply("the folder has no files whose numbers are sampled")
        return not_known(model.why_not("samples") or "the numbers of the weights")
    bad = [one for one in model.samples if one.nan or one.infinite]
    read = sum(one.read for one in model.samples)
    if not bad:
        return passed(
            f"None of {read:,} numbers sampled in {counted(len(model.samples), 'tensor')} is "
            "NaN or "
            "infinite."
        )
    return failed(
        f"{counted(len(bad), 'tensor holds', 'tensors hold')} NaN or infinity: "
        f"{some([one.tensor for one in bad])}.",
        *(
            seen(
                f"{one.tensor}: {one.nan:,} NaN and {one.infinite:,} infinite of {one.read:,}",
                file=one.path,
            )
            for one in bad[:4]
        ),
        remedy=f"Fetch {some(sorted({file_word(one.path) for one in bad}), 3)} again, or take an "
        "earlier "
        "checkpoint of the training.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(nan: int = 0, infinite: int = 0) -> Snapshot:
        samples = tuple(
            Sample(
                tensor=name,
                path="model.safetensors",
                read=4096,
                nan=nan,
                infinite=infinite,
                zero=3,
                largest=1.5,
            )
            for name in ("model.norm.weight", "model.layers.3.mlp.up_proj.weight")
        )
        return world(folder(samples=samples))

    yield Example(outcome=Outcome.PASS, snapshot=of(), says="8,192 numbers")
    yield Example(outcome=Outcome.FAIL, snapshot=of(nan=1), says="2 tensors hold NaN")
    yield Example(outcome=Outcome.FAIL, snapshot=of(infinite=1))
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
