"""The chat template in a GGUF file writes what that of its source model writes.

Why: a GGUF file carries a copy of the template, from the day of its conversion or changed by its
uploader. Source models correct theirs afterwards; one in seven popular GGUF files writes another
prompt than its source. The model then answers worse in llama.cpp and Ollama than elsewhere, with
no error.

Fix: convert again from the present source, or name its template when the server is started.
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
    cause="tokenizer/control-token",
    stage="inference",
    entries=("local-chat-runs-on-past-its-end-token",),
    references=("https://github.com/ggml-org/llama.cpp/tree/master/tools/server",),
)
_COMPARED: Final = ("plain", "two turns", "system", "tools")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the template of the file with that of the folder, or of the base's folder."""
    if intent.chat_template is not None:
        return does_not_apply("the command names a chat template of its own")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    inside = [one for one in model.templates if one.path.endswith(".gguf")]
    base = snapshot.base.templates if snapshot.base is not None else ()
    outside = [
        one
        for one in (*model.templates, *base)
        if not one.path.endswith((".gguf", "Modelfile")) and one.name == "default"
    ]
    mine = next((one for one in inside if one.name == "default"), None)
    if mine is None or not outside:
        return does_not_apply("there are no template of a GGUF file and one of its source")
    source = outside[0]
    if mine.source == source.source:
        return passed("The GGUF file has the template of its source.", seen(mine.path))
    if not mine.rendered or not source.rendered:
        return not_known(f"what {mine.path} and {source.path} write")
    apart = [one for one in _COMPARED if _written(mine, one) != _written(source, one)]
    if not apart:
        return passed("The GGUF file's template writes what its source writes.", seen(mine.path))
    return warned(
        f"The template of {mine.path} writes {', '.join(apart)} differently from its source.",
        seen(repr(text_of(mine, apart[0]))[:160], file=mine.path),
        seen(repr(text_of(source, apart[0]))[:160], file=source.path),
        remedy=f"Start the server with --jinja --chat-template-file {file_word(source.path)}, or "
        "convert the "
        "source anew.",
    )


def _written(one: Template, conversation: str) -> str | None:
    """Return what was written, without blanks around it and start tokens, which engines add."""
    text = text_of(one, conversation)
    if text is None:
        return None
    for token in ("<s>", "<bos>", "<|begin_of_text|>", "<｜begin▁of▁sentence｜>"):
        text = text.strip().removeprefix(token)
    return text.strip()


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(inside: Any, outside: Any = chatml) -> Snapshot:
        mine = template(inside, path="model.gguf", source="copy")
        return world(folder(kind="gguf", templates=(template(outside), mine)))

    yield Example(outcome=Outcome.PASS, snapshot=of(chatml))
    started = of(lambda each: chatml(each, start="<s>"))
    yield Example(outcome=Outcome.PASS, snapshot=started)
    yield Example(outcome=Outcome.WARN, snapshot=of(inst), says="plain")
    toolless = of(lambda each: chatml(each, tools=False))
    yield Example(outcome=Outcome.WARN, snapshot=toolless, says="writes tools")
    alone = world(folder(kind="gguf", templates=(template(chatml, path="model.gguf"),)))
    yield Example(outcome=Outcome.SKIP, snapshot=alone, says="does not apply")
    untried = broken("no jinja2", path="model.gguf", tried=False)
    both = world(folder(templates=(template(chatml), untried)))
    yield Example(outcome=Outcome.SKIP, snapshot=both, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
