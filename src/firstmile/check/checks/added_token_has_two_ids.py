"""An added token has the same id in every file of the tokenizer.

Why: tokenizer.json, the `added_tokens_decoder` of tokenizer_config.json and added_tokens.json say
which id a special token has. Where they differ (files of two models or two revisions mixed, a
vocabulary that was edited by hand) it depends on the library which one holds: the prompt is put
into ids that the model never saw, or the end of an answer is not recognised.

Fix: take both files from the same revision of the same model.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import AddedToken
from firstmile.facts.model_folder.special_tokens import decoder_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/file",
    entries=("control-tokens-stand-at-the-end-of-the-answer",),
    references=("https://huggingface.co/docs/transformers/main_classes/tokenizer",),
)
_CONFIG: Final = "tokenizer_config.json"
_ADDED: Final = "added_tokens.json"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the ids of tokens that both files state."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine reads the tokenizer of a GGUF file")
    model = snapshot.model
    if model is None or (model.tokenizer is None and model.why_not("tokenizer")):
        return not_known("the tokenizer of the model")
    found = model.tokenizer
    ids = {one.content: one.id for one in found.added} if found is not None else {}
    tables = {_CONFIG: {text: id_ for id_, text in decoder_of(model)}}
    for other in found.others if found is not None else ():
        if other.kind == _ADDED:
            tables[other.path] = {one.content: one.id for one in other.added}
    both = [text for text in ids if any(text in table for table in tables.values())]
    if found is None or not both:
        return does_not_apply("no two files state the same added tokens")
    for path, table in tables.items():
        apart = [text for text in both if table.get(text, ids[text]) != ids[text]]
        if apart:
            first = apart[0]
            return failed(
                f"{len(apart)} of the added tokens have two ids; {first} has {ids[first]} and "
                f"{table[first]}.",
                seen(", ".join(f"{text} = {ids[text]}" for text in apart[:6]), file=found.path),
                seen(", ".join(f"{text} = {table[text]}" for text in apart[:6]), file=path),
                remedy=f"Fetch {file_word(found.path)} and {path} anew from one revision of the "
                "model.",
            )
    return passed(
        f"Each of {counted(len(both), 'added token')} that several files state has one id."
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(decoder: Mapping[str, Any]) -> Snapshot:
        tree = {"added_tokens_decoder": decoder}
        return world(folder(documents={_CONFIG: tree}, tokenizer=tokenizer()))

    same = {"151645": {"content": "<|im_end|>", "special": True}}
    yield Example(outcome=Outcome.PASS, snapshot=of(same))
    yield Example(outcome=Outcome.PASS, snapshot=of({**same, "151660": {"content": "<new>"}}))
    other = {"151646": {"content": "<|im_end|>"}}
    yield Example(outcome=Outcome.FAIL, snapshot=of(other), says="151645 and 151646")
    moved = AddedToken(id=151650, content="<|im_end|>", special=False)
    table = tokenizer((moved,), path=_ADDED, kind=_ADDED)
    beside = world(folder(tokenizer=tokenizer(others=(table,))))
    yield Example(outcome=Outcome.FAIL, snapshot=beside, says="151650")
    yield Example(outcome=Outcome.SKIP, snapshot=of({}), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
