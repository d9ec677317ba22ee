"""Where a folder has several chat templates by name, one of them is the default.

Why: `chat_template` may be a list of named templates. transformers takes the one named "default"
(with tools the one named "tool_use"); without it every call stops: "This model has multiple chat
templates with no default specified".

Fix: name the one that chats use "default".
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import file_word, python_text
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="tokenizer/file",
    entries=("chat-template-is-not-set",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the default among named templates."""
    model = snapshot.model
    if intent.chat_template is not None:
        return does_not_apply("the command names a chat template of its own")
    if model is None:
        return not_known("the model's folder")
    named = [one for one in model.templates if not one.path.endswith((".gguf", "Modelfile"))]
    names = ", ".join(one.name for one in named)
    if len(named) < 2 and all(one.name == "default" for one in named):
        return does_not_apply("the folder has no named chat templates")
    if any(one.name == "default" for one in named):
        return passed("One of the named chat templates is the default.", seen(names))
    return failed(
        "None of the named chat templates is the default.",
        seen(names, file=named[0].path),
        remedy=f'Rename {python_text(named[0].name)} to "default" in {file_word(named[0].path)}.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*names: str) -> Snapshot:
        return world(folder(templates=tuple(template(chatml, name=name) for name in names)))

    yield Example(outcome=Outcome.PASS, snapshot=of("default", "tool_use", "rag"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("tool_use", "rag"), says="None")
    yield Example(outcome=Outcome.FAIL, snapshot=of("chat"))
    yield Example(outcome=Outcome.SKIP, snapshot=of("default"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
