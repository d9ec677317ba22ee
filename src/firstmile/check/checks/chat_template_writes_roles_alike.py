"""The chat template marks what the user says differently from what the assistant says.

Why: the model tells whose turn it is by what the template writes before a text. Where that is the
same for user and assistant, or the order of messages is changed, the model takes its own answers
for questions: it repeats, answers for the user, or goes on without end.

Fix: take the template of the model's own repository.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.chat_templates import template_of, text_of
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import chatml, inst, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.conversations import (
    ANSWERED,
    ANSWERED_AGAIN,
    ASKED,
    ASKED_AGAIN,
)
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/repetitive",
    cause="tokenizer/control-token",
    entries=("instruct-model-gets-its-prompt-without-the-template",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating_writing",),
)
_ORDER: Final = (ASKED, ANSWERED, ASKED_AGAIN, ANSWERED_AGAIN)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare what stands before texts of both roles, and their order."""
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    text = text_of(found, "two turns answered")
    if text is None or any(one not in text for one in _ORDER):
        return does_not_apply("the template does not show a conversation of two turns in full")
    proof = seen(repr(text[:200]), file=found.path)
    remedy = (
        f"Take the template of the model's own repository in place of {file_word(found.path)}, "
        "or name one with --chat-template."
    )
    places = [text.index(one) for one in _ORDER]
    if places != sorted(places):
        return failed("The chat template changes the order of messages.", proof, remedy=remedy)
    before_user = text[places[1] + len(ANSWERED) : places[2]]
    before_assistant = text[places[0] + len(ASKED) : places[1]]
    if before_user == before_assistant:
        return failed(
            f"The chat template writes {before_user!r} before user and assistant alike.",
            proof,
            remedy=remedy,
        )
    return passed("The chat template marks user and assistant differently.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def alike(conversation: Mapping[str, Any]) -> str:
        return chatml(conversation, renamed={"assistant": "user"})

    def backwards(conversation: Mapping[str, Any]) -> str:
        return chatml({**conversation, "messages": conversation["messages"][::-1]})

    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)))
    yield Example(outcome=Outcome.PASS, snapshot=of(template(inst)))
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(alike)), says="alike")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(backwards)), says="order")
    short = template(lambda each: chatml(each, without=("assistant",)))
    yield Example(outcome=Outcome.SKIP, snapshot=of(short), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
