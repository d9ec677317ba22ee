"""Text that is encoded and decoded again is the same text.

Why: a tokenizer that was trained on few scripts, lost its byte tokens or its decoder turns what
it does not know into <unk>, drops spaces and line ends, or returns the signs of its vocabulary
(a letter G with a dot for a space). The model then never sees the text, or its answer cannot be
read. firstmile encodes and decodes short texts of thirteen scripts.

Fix: take tokenizer.json of the base model, or train with byte fallback or byte-level pieces.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import tokenizer
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
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.model_folder.folder import RoundTrip
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence, Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="tokenizer/tokenization",
    entries=("spaces-come-as-signs-of-the-vocabulary",),
    references=("https://huggingface.co/docs/tokenizers/components",),
)
_WRITES: Final = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare what came back; blanks around a text do not count."""
    if intent.tokenizer is not None or intent.action is Action.CONVERT:
        return does_not_apply("the run does not use this tokenizer")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    names = read_architecture(model.config or {}).names
    if names and not any(name.endswith(_WRITES) for name in names):
        return does_not_apply("the model writes no text")
    found = model.tokenizer
    if found is None:
        return does_not_apply("the folder has no tokenizer")
    if not found.round_trips:
        return not_known(f"what encoding does: {found.refused or 'it was not tried'}")
    lost = [one for one in found.round_trips if _letters(one.back) != _letters(one.text)]
    bent = [
        one for one in found.round_trips if one not in lost and one.back.strip() != one.text.strip()
    ]
    if lost:
        english = any(one.script == "Latin" for one in lost)
        say = failed if english or len(lost) > 2 else warned
        return say(
            f"Text is lost in {_named(lost)}.",
            *_quoted(lost, found.path),
            remedy=f"Take {file_word(found.path)} of the base model; for another script, a model "
            "whose "
            "tokenizer falls back to bytes.",
        )
    if bent:
        return warned(
            f"Spaces or line ends change in {_named(bent)}.",
            *_quoted(bent, found.path),
            remedy=f"Take {file_word(found.path)} of the base model, whose decoder keeps them; "
            "code and "
            "Markdown need them.",
        )
    return passed(f"Texts of {counted(len(found.round_trips), 'script')} come back as they were.")


def _letters(text: str) -> str:
    return "".join(text.split())


def _named(trips: Sequence[RoundTrip]) -> str:
    return ", ".join(one.script for one in trips)


def _quoted(trips: Sequence[RoundTrip], path: str) -> list[Evidence]:
    return [
        seen(f"{one.text[:60]!r} came back as {one.back[:60]!r}", file=path) for one in trips[:3]
    ]


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*backs: tuple[str, str, str]) -> Snapshot:
        trips = [RoundTrip(script=a, text=b, back=c, tokens=3) for a, b, c in backs]
        own = tokenizer(round_trips=tuple(trips))
        return world(folder(config=LLAMA, tokenizer=own))

    good = ("Latin", "an open door", " an open door")
    yield Example(outcome=Outcome.PASS, snapshot=of(good, ("emoji", "a 🎉", "a 🎉")))
    yield Example(outcome=Outcome.WARN, snapshot=of(good, ("Thai", "วันนี้", "<unk>")), says="Thai")
    signs = ("Latin", "an open door", "anĠopenĠdoor")
    yield Example(outcome=Outcome.FAIL, snapshot=of(signs), says="Latin")
    yield Example(
        outcome=Outcome.WARN, snapshot=of(good, ("code", "a\n    b", "a b")), says="line ends"
    )
    yield Example(outcome=Outcome.SKIP, snapshot=of(), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
