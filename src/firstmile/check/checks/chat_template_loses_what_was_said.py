"""Every message of a conversation stands in what the chat template writes.

Why: a template that asks for another field or role than the one that is sent passes over the
message without an error. The model then answers as if it had never been said: a system prompt
has no effect, earlier answers are forgotten, special characters come out changed.

Fix: take the template of the model's own repository, or correct the line that passes over the
message.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.check.chat_templates import template_of, text_of
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, passed, seen, warned
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.conversations import (
    ANSWERED,
    ASKED,
    ASKED_AGAIN,
    SPECIAL,
    SYSTEM,
)
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/not-following-instructions",
    cause="tokenizer/control-token",
    entries=("system-prompt-has-no-effect",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating_writing",),
)
_SAID: Final = (
    ("plain", "the question", (ASKED,)),
    ("two turns", "an earlier question", (ASKED,)),
    ("two turns", "an earlier answer", (ANSWERED,)),
    ("two turns", "the last question", (ASKED_AGAIN,)),
    ("system", "the question after a system message", (ASKED,)),
    ("special characters", "special characters", SPECIAL.split("\n\t")),
)
_SYSTEM: Final = ("system", "the system message", (SYSTEM,))


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for what was said in what was written."""
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    remedy = (
        f"Take the template of the model's own repository in place of {file_word(found.path)}, "
        "or name one with --chat-template."
    )
    verdicts = [
        failed(
            f"The chat template loses {what}.",
            seen(f"{conversation}: {text[:160]!r}", file=found.path),
            remedy=remedy,
        )
        for conversation, what, texts in _SAID
        if (text := _without(found, conversation, texts)) is not None
    ]
    text = _without(found, _SYSTEM[0], _SYSTEM[2])
    if text is not None:
        verdicts.append(
            warned(
                "The chat template passes over system messages.",
                seen(f"system: {text[:160]!r}", file=found.path),
                remedy="Put the system text at the head of the first user message, or name a "
                "template that writes it.",
            )
        )
    return verdicts or passed("Every message stands in what the chat template writes.")


def _without(template_: Template, conversation: str, texts: Sequence[str]) -> str | None:
    """Return what was written of a conversation if one of the texts is not in it."""
    text = text_of(template_, conversation)
    return text if text is not None and any(one not in text for one in texts) else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def without(*roles: str) -> Snapshot:
        return of(template(lambda each: chatml(each, without=roles)))

    def escaped(conversation: Mapping[str, Any]) -> str:
        return chatml(conversation).replace("&", "&amp;")

    def last_alone(conversation: Mapping[str, Any]) -> str:
        return chatml({**conversation, "messages": conversation["messages"][-1:]})

    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)))
    yield Example(outcome=Outcome.FAIL, snapshot=without("assistant"), says="earlier answer")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(escaped)), says="special characters")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(last_alone)), says="earlier question")
    yield Example(outcome=Outcome.WARN, snapshot=without("system"), says="passes over")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
