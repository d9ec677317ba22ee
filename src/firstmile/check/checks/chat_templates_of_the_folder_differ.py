"""The chat template stands in the folder once, or everywhere with the same effect.

Why: transformers 4.47 and later take chat_template.jinja before the entry in
tokenizer_config.json, older releases and some engines read the entry alone. Where both write a
conversation differently, a model is trained with one form and served with the other, and answers
worse without an error. It happens when one of the two was edited.

Fix: keep the one that the model was trained with, and delete the other.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.chat_templates import text_of
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import broken, chatml, inst, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/output-consistency",
    cause="tokenizer/file",
    entries=("chat-template-is-not-set",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)
_COMPARED: Final = ("plain", "two turns", "system", "two turns answered")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare what the default templates of several files write."""
    if intent.chat_template is not None:
        return does_not_apply("the command names a chat template of its own")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    defaults = [
        one
        for one in model.templates
        if one.name == "default" and not one.path.endswith((".gguf", "Modelfile"))
    ]
    if len(defaults) < 2:
        return does_not_apply("the folder states one default chat template at most")
    first, *others = defaults
    for other in others:
        if first.source == other.source:
            continue
        if not first.rendered or not other.rendered:
            return not_known(f"what {first.path} and {other.path} write")
        apart = differing(first, other)
        if apart is not None:
            return warned(
                f"The templates of {first.path} and {other.path} write {apart} differently.",
                seen(repr(text_of(first, apart))[:160], file=first.path),
                seen(repr(text_of(other, apart))[:160], file=other.path),
                remedy=f"Keep the one that the model was trained with (transformers takes "
                f"{file_word(first.path)}), and delete the other.",
            )
    names = " and ".join(one.path for one in defaults)
    return passed(f"The templates of {names} write the same.")


def differing(first: Template, other: Template) -> str | None:
    """Return the first conversation that two templates write differently."""
    return next((one for one in _COMPARED if text_of(first, one) != text_of(other, one)), None)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(other: Any, *, source: str = "other") -> Snapshot:
        first = template(chatml, path="chat_template.jinja")
        return world(folder(templates=(first, template(other, source=source))))

    yield Example(outcome=Outcome.PASS, snapshot=of(chatml))
    yield Example(outcome=Outcome.WARN, snapshot=of(inst), says="differently")
    alone = world(folder(templates=(template(chatml),)))
    yield Example(outcome=Outcome.SKIP, snapshot=alone, says="does not apply")
    first = template(chatml, path="chat_template.jinja")
    untried = world(folder(templates=(first, broken("no jinja2", tried=False))))
    yield Example(outcome=Outcome.SKIP, snapshot=untried, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
