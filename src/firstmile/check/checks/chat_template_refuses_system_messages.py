"""The chat template takes a system message, where one will be sent.

Why: Gemma, the first Mistral models and others were trained without a system role, and their
templates raise "System role not supported" or "Conversation roles must alternate". Most clients,
agents and data sets begin with a system message: each such request ends with an error 400 or
500, a training at its first such record.

Fix: put the system text at the head of the first user message, or name a template that does.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import chats, template_of
from firstmile.check.intent import Action, Dataset, Intent, Training
from firstmile.check.template_worlds import chatml, inst, lacking_a_token, template
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
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="api/compatibility",
    entries=("chat-template-refuses-the-order-or-role-of-messages",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Judge what became of a conversation that begins with a system message."""
    data = _data_with_systems(intent)
    if not chats(intent) and data is None:
        return does_not_apply("nothing shows that a system message will be sent")
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    tried = found.of("system")
    if tried is None:
        return not_known("what the template makes of a system message")
    if tried.text is not None:
        return passed("The chat template takes a system message.", seen(found.path))
    proof = [seen(tried.refused or "it gave no reason", file=found.path)]
    remedy = "Put the system text at the head of the first user message, or name a template that "
    remedy += "does so with --chat-template."
    if data is not None:
        proof.append(seen("it has records with a system message", file=data))
        return failed("The chat template refuses the system messages.", *proof, remedy=remedy)
    return warned("The chat template refuses a system message.", *proof, remedy=remedy)


def _data_with_systems(intent: Intent) -> str | None:
    datasets = intent.training.datasets if intent.trains and intent.training else ()
    return next((one.path for one in datasets if "system" in one.roles), None)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def tuning(*roles: str) -> Intent:
        data = Dataset(path="train.jsonl", form="jsonl", records=10, roles=roles)
        return Intent(action=Action.FINE_TUNE, training=Training(datasets=(data,)))

    serve = Intent(action=Action.SERVE)
    yield Example(outcome=Outcome.WARN, snapshot=of(template(inst)), intent=serve, says="refuses")
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)), intent=serve)
    with_system = tuning("system", "user", "assistant")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(inst)), intent=with_system)
    plain = tuning("user", "assistant")
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(inst)), intent=plain)
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(inst)), says="does not apply")
    tokenless = of(template(lacking_a_token))
    yield Example(outcome=Outcome.SKIP, snapshot=tokenless, intent=serve, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
