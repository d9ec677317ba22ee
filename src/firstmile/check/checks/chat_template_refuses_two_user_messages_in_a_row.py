"""The chat template takes two user messages in a row, as clients send them.

Why: templates of Llama 2, Mistral and Gemma raise "Conversation roles must alternate
user/assistant" where two messages of one role follow each other. Agents send such conversations
after a tool call that was stopped, a retry, or a message that was added before the answer came;
the request then ends with an error 400 or 500.

Fix: join neighbours of the same role before the request, or name a template that takes them.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import template_of
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, inst, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="api/compatibility",
    stage="inference",
    entries=("chat-template-refuses-the-order-or-role-of-messages",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Judge what became of two questions without an answer between them."""
    if not intent.serves:
        return does_not_apply("no server is started, to which clients send what they like")
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    tried = found.of("two users in a row")
    if tried is None:
        return not_known("what the template makes of two user messages")
    if tried.text is not None:
        return passed("The chat template takes two user messages in a row.", seen(found.path))
    return warned(
        "The chat template refuses two user messages in a row.",
        seen(tried.refused or "it gave no reason", file=found.path),
        remedy="Let the client join neighbours of the same role, or name a template that takes "
        "them with --chat-template.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    serve = Intent(action=Action.SERVE)
    yield Example(outcome=Outcome.WARN, snapshot=of(template(inst)), intent=serve, says="in a row")
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(inst)), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
