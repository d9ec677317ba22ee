"""The ids that end an answer belong to control tokens, not to words or the start token.

Why: `eos_token_id` is only a number, and a config that was copied from another model, or whose
vocabulary was replaced, names whatever token stands there: a letter, a piece of a word, the start
token. Answers then break off in the middle, or at once, without an error. Conversions of the
first Llama stated 1, the start token, in place of 2.

Fix: take the id of the tokenizer's end token into config.json and generation_config.json.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import AddedToken, ModelFolder, Tokenizer
from firstmile.facts.model_folder.special_tokens import decoder_of, id_of, stopping_ids, text_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/incomplete",
    cause="configuration/inference",
    stage="inference",
    entries=("first-token-ends-the-answer",),
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)
_MOST: Final = 8
"""Ids that are told, each by itself."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look up what the ids are that end an answer."""
    if intent.engine in ("llama.cpp", "ollama") or intent.action is Action.CONVERT:
        return does_not_apply("this run reads the end token of a GGUF file")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    own = model.tokenizer
    if own is None or own.kind != "tokenizer.json" or not own.added or own.base_size is None:
        return not_known("which of the ids are control tokens")
    stops = stopping_ids(model, intent.engine)
    if not stops:
        return does_not_apply("neither config names an id that stops generation")
    end, start = text_of(model, "eos_token"), text_of(model, "bos_token")
    right = id_of(model, str(end.value)) if end is not None else None
    texts = _texts(model, own)
    found: list[Verdict] = []
    for id_, file in stops.items():
        text = texts.get(id_)
        is_start = (
            text is not None
            and start is not None
            and end is not None
            and text == start.value != end.value
        )
        if not is_start and not _is_of_text(own, id_, text):
            continue
        what = f"the start token {text}" if is_start else "a piece of ordinary text"
        found.append(
            warned(
                f"Generation stops at the id {id_}, which is {what}.",
                stated(file, "eos_token_id", id_),
                seen(f"{counted(len(own.added), 'control token')}, {id_} not an end among them"),
                remedy=f"Put {right if right is not None else 'the id of the end token'} into "
                f"eos_token_id of {file}.",
            )
        )
        if len(found) == _MOST:
            break
    return found or passed(
        f"Each of {counted(len(stops), 'id')} that can stop generation is a control token."
    )


def _texts(model: ModelFolder, own: Tokenizer) -> dict[int, str]:
    """Return the texts of control tokens by their ids; what the tokenizer says goes first."""
    texts = dict(decoder_of(model))
    texts |= {id_: text for text, id_ in own.named.items()}
    return texts | {one.id: one.content for one in own.added}


def _is_of_text(own: Tokenizer, id_: int, text: str | None) -> bool:
    """Tell an id within the vocabulary that is neither added nor named by any file."""
    return text is None and own.size is not None and id_ < own.size


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    llama = (
        AddedToken(id=0, content="<unk>", special=True),
        AddedToken(id=1, content="<s>", special=True),
        AddedToken(id=2, content="</s>", special=True),
    )

    def of(stop: Any, *, end: str = "</s>", own: Any = None) -> Snapshot:
        trees = {
            "tokenizer_config.json": {"eos_token": end, "bos_token": "<s>"},
            "generation_config.json": {"eos_token_id": stop},
        }
        used = tokenizer(llama, size=32000) if own is None else own
        return world(folder(config=LLAMA, documents=trees, tokenizer=used))

    yield Example(outcome=Outcome.PASS, snapshot=of(2))
    yield Example(outcome=Outcome.PASS, snapshot=of([2, 0]))
    yield Example(outcome=Outcome.PASS, snapshot=of(1, end="<s>"))
    yield Example(outcome=Outcome.PASS, snapshot=of(151645))
    yield Example(outcome=Outcome.WARN, snapshot=of(1), says="the start token <s>")
    yield Example(outcome=Outcome.WARN, snapshot=of(13), says="ordinary text")
    named = tokenizer(llama, size=32000, named={"<|end|>": 13})
    yield Example(outcome=Outcome.PASS, snapshot=of(13, own=named))
    pieces = tokenizer((), path="tokenizer.model", kind="sentencepiece", loads=None)
    yield Example(outcome=Outcome.SKIP, snapshot=of(13, own=pieces), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
