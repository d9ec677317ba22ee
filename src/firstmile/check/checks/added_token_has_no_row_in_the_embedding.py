"""Every token of the tokenizer has a row in the model's embedding.

Why: tokens that were added to a tokenizer without `resize_token_embeddings` get ids beyond the
embedding. As soon as one of them occurs, the run ends: "IndexError: index out of range in self"
on the CPU, "device-side assert triggered" on a GPU, which names another place. Tokens that the
prompt of every chat contains, the end token and the padding stop the first request; others only
texts that hold them.

Fix: resize the embedding and train the new rows, or take the tokenizer that the weights were
trained with; one that the command names beside the model (--tokenizer) must be that one, too.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.chat_templates import chosen, text_of
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import CHATML_TOKENS, chatml, template, tokenizer
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
from firstmile.facts.model_folder.folder import AddedToken, ModelFolder
from firstmile.facts.model_folder.special_tokens import texts_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/invalid-value",
    cause="tokenizer/control-token",
    entries=(
        "token-id-is-outside-the-embedding-on-the-cpu",
        "token-id-is-outside-the-embedding-on-the-gpu",
    ),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/model",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the tokenizer's ids against the rows that the config states."""
    model = snapshot.model
    if model is None or model.config is None:
        return not_known("the config of the model")
    other = snapshot.tokenizer
    if intent.tokenizer not in (None, intent.model) and other is None:
        return not_known("the tokenizer that the command names")
    holder = other or model
    rows = read_architecture(model.config).vocabulary
    found = holder.tokenizer
    if rows is None:
        return does_not_apply("the config states no size of the vocabulary")
    if found is None or found.size is None:
        return not_known("the size of the tokenizer")
    size = stated("config.json", "vocab_size", rows)
    if found.size <= rows:
        return passed(f"The {found.size:,} ids of the tokenizer fit {rows:,} rows.", size)
    beyond = [one for one in found.added if one.id >= rows]
    needed = _used(holder)
    used = [one for one in beyond if one.content in needed]
    shown = ", ".join(f"{one.content} = {one.id}" for one in (used or beyond)[:6])
    path = found.path if other is None else f"{other.path}/{found.path}"
    proof = (size, seen(shown or f"{found.size:,} ids", file=path))
    remedy = "Name the tokenizer of the model whose weights these are, or leave that option out."
    remedy = (
        remedy
        if other is not None
        else (
            f"Run model.resize_token_embeddings({found.size}) and train the new rows, or take the "
            "tokenizer of the model whose weights these are."
        )
    )
    if used or not beyond or (other is not None and (found.base_size or 0) > rows):
        return failed(
            f"The tokenizer has ids up to {found.size - 1:,}, and the embedding {rows:,} rows.",
            *proof,
            remedy=remedy,
        )
    many = "1 added token has" if len(beyond) == 1 else f"{len(beyond)} added tokens have"
    return warned(
        f"{many} no row in the embedding; a text that holds one fails.",
        *proof,
        remedy=remedy,
    )


def _used(model: ModelFolder) -> frozenset[str]:
    """Return the tokens that any chat, any batch and any end of a text needs."""
    roles = ("eos_token", "bos_token", "pad_token")
    texts = {str(one.value) for role in roles for one in texts_of(model, role)}
    template_ = chosen(model)
    prompt = text_of(template_, "two turns") if template_ is not None else None
    added = model.tokenizer.added if model.tokenizer is not None else ()
    return frozenset(texts | {one.content for one in added if prompt and one.content in prompt})


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rows: int | None, *more: AddedToken, **parts: Any) -> Snapshot:
        highest = max(one.id for one in (*CHATML_TOKENS, *more))
        own = tokenizer((*CHATML_TOKENS, *more), size=highest + 1)
        chosen_parts: dict[str, Any] = {"templates": (template(chatml),), "tokenizer": own} | parts
        return world(folder(config={**LLAMA, "vocab_size": rows}, **chosen_parts))

    yield Example(outcome=Outcome.PASS, snapshot=of(151936))
    yield Example(outcome=Outcome.PASS, snapshot=of(151646))
    yield Example(outcome=Outcome.FAIL, snapshot=of(151644), says="151,645")
    image = AddedToken(id=151646, content="<image>", special=True)
    yield Example(outcome=Outcome.WARN, snapshot=of(151646, image), says="1 added token has")
    serve = Intent(engine="vllm", model="./m", tokenizer="./t")
    larger = replace(of(384), tokenizer=of(None).model)
    yield Example(outcome=Outcome.FAIL, snapshot=larger, intent=serve, says="384 rows")
    unread = Outcome.SKIP
    yield Example(outcome=unread, snapshot=of(151936), intent=serve, says="that the command names")
    yield Example(outcome=Outcome.SKIP, snapshot=of(1, tokenizer=None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), says="does not apply")
