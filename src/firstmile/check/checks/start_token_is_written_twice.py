"""A prompt begins with one start token.

Why: the start token comes from the chat template, from the tokenizer, or from both. Where both
write it, a prompt begins with it twice, which the model never saw: answers get worse without an
error (llama.cpp warns "the prompt also starts with a BOS token"). Engines encode a rendered chat
without adding it again; a script that renders text first and tokenizes it later, and a trainer
that is given rendered text, add it.

Fix: write it once in the template; encode rendered text with `add_special_tokens=False`; give a
trainer messages instead of rendered text.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import template_of, text_of
from firstmile.check.intent import Action, Dataset, Intent, Training
from firstmile.check.template_worlds import chatml, template, tokenizer
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
from firstmile.check.words_to_copy import file_word, text_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import AddedToken, Template
from firstmile.facts.model_folder.special_tokens import id_of
from firstmile.facts.model_folder.special_tokens import text_of as token_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/capability-degradation",
    cause="tokenizer/control-token",
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)
_RENDERED_KEYS: Final = frozenset(("text", "prompt", "completion"))


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count start tokens in what the template writes, and add what encoding adds."""
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    model = snapshot.model
    start = token_of(model, "bos_token") if model is not None else None
    text = text_of(found, "plain")
    if model is None or start is None or not start.value:
        return does_not_apply("the tokenizer names no start token")
    if text is None:
        return does_not_apply("the template does not take a plain question")
    token = str(start.value)
    proof = seen(f"a prompt begins: {text[:60]!r}", file=found.path)
    if text.lstrip().removeprefix(token).lstrip().startswith(token):
        return failed(
            f"The template writes the start token {token} twice.",
            proof,
            remedy=f"Take one of the two out of the template in {file_word(found.path)}.",
        )
    if not text.lstrip().startswith(token):
        return passed(f"The template leaves the start token {token} to the tokenizer.", proof)
    if model.tokenizer is None:
        return not_known("whether the tokenizer adds a start token")
    id_ = id_of(model, token)
    if id_ is None or id_ not in model.tokenizer.prefix:
        return passed(f"The template alone writes the start token {token}.", proof)
    rendered = _rendered_text(intent)
    adds = seen(f"encoding a text puts {token} ({id_}) before it", file=model.tokenizer.path)
    if rendered is None:
        return passed(f"A chat begins with one {token}: engines add none to a chat.", proof, adds)
    return warned(
        f"Rendered text in {rendered} gets the start token {token} a second time.",
        proof,
        adds,
        remedy=f"Give the trainer messages instead of text, or take {text_word(token)} off the "
        f"texts of {text_word(rendered)}.",
    )


def _rendered_text(intent: Intent) -> str | None:
    """Return the data file that holds texts and no messages, where something is trained."""
    datasets = intent.training.datasets if intent.trains and intent.training else ()
    return next((one.path for one in datasets if _RENDERED_KEYS.intersection(one.keys)), None)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template, *, prefix: tuple[int, ...] = (1,), start: str | None = "<s>") -> Snapshot:
        added = AddedToken(id=1, content="<s>", special=True)
        own = tokenizer((added,), prefix=prefix)
        trees = {"tokenizer_config.json": {"bos_token": start}}
        return world(folder(documents=trees, templates=(one,), tokenizer=own))

    def tuning(*keys: str) -> Intent:
        data = Dataset(path="train.jsonl", form="jsonl", records=10, keys=keys)
        training = Training(datasets=(data,))
        return Intent(action=Action.FINE_TUNE, engine="trl", training=training)

    once = template(lambda each: chatml(each, start="<s>"))
    twice = template(lambda each: chatml(each, start="<s><s>"))
    yield Example(outcome=Outcome.FAIL, snapshot=of(twice), says="twice")
    yield Example(outcome=Outcome.PASS, snapshot=of(once))
    yield Example(outcome=Outcome.PASS, snapshot=of(once), intent=tuning("messages"))
    yield Example(outcome=Outcome.WARN, snapshot=of(once), intent=tuning("text"), says="second")
    yield Example(outcome=Outcome.PASS, snapshot=of(once, prefix=()), intent=tuning("text"))
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)), intent=tuning("text"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(once, start=None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
