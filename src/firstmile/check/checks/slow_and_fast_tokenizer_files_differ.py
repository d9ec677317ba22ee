"""The files from which the fast and the slow tokenizer are built state the same vocabulary.

Why: tokenizer.json is what engines read; tokenizer.model, vocab.json and tekken.json are read by
`use_fast=False`, by converters to GGUF and by vLLM's mistral mode. Where one of them comes from
another model or revision, the same prompt has other ids there, and the answer is senseless
without an error.

Fix: take both files from the same revision, or delete the one that does not belong.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.template_worlds import tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.words_to_copy import file_words
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Tokenizer
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="tokenizer/file",
    references=("https://huggingface.co/docs/transformers/main/en/fast_tokenizers",),
)
_MOST_ADDED: Final = 0.02
"""Of a vocabulary may stand in one file only: added tokens, and unused ones that fill it up."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Compare sizes, and the ids of special tokens that both files state."""
    model = snapshot.model
    if model is None or (model.tokenizer is None and model.why_not("tokenizer")):
        return not_known("the tokenizer of the model")
    found = model.tokenizer
    others = [] if found is None else [one for one in found.others if one.size and one.size > 1]
    if found is None or not found.size or not others:
        return does_not_apply("only one file states a vocabulary")
    wrong = [verdict for one in others if (verdict := _apart(found, one)) is not None]
    if wrong:
        return wrong
    names = ", ".join(one.path for one in others)
    return passed(f"The vocabularies of {found.path} and {names} agree.")


def _apart(fast: Tokenizer, slow: Tokenizer) -> Verdict | None:
    ids = {one.content: one.id for one in fast.added}
    moved = [one for one in slow.added if one.content in ids and ids[one.content] != one.id]
    sizes = (fast.base_size or 0, fast.size or 0)
    near = any(abs(size - (slow.base_size or 0)) <= _MOST_ADDED * size for size in sizes)
    if near and not moved:
        return None
    told = (
        f"{moved[0].content} is {ids[moved[0].content]} in one and {moved[0].id} in the other"
        if moved
        else f"{fast.base_size:,} and {slow.base_size:,} tokens"
    )
    return warned(
        f"The vocabularies of {fast.path} and {slow.path} differ: {told}.",
        seen(f"{fast.base_size:,} tokens, {fast.size:,} with the added ones", file=fast.path),
        seen(f"{slow.base_size:,} tokens", file=slow.path),
        remedy=f"Fetch {file_words((fast.path, slow.path))} from one revision of the model, or "
        "delete the "
        "one that belongs to another.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(base: int | None, **parts: int) -> Snapshot:
        size = parts.get("size", 32000)
        pieces = tokenizer(
            (), size=base or 0, path="tokenizer.model", kind="sentencepiece", loads=None
        )
        others = () if base is None else (pieces,)
        return world(folder(tokenizer=tokenizer((), size=size, others=others)))

    yield Example(outcome=Outcome.PASS, snapshot=of(32000))
    yield Example(outcome=Outcome.PASS, snapshot=of(32000, size=32064))
    yield Example(outcome=Outcome.WARN, snapshot=of(32000, size=128256), says="32,000")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
