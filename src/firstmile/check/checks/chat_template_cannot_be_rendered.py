"""The chat template compiles, and renders a plain question within bounds.

Why: a template is a program in Jinja. One that was cut, edited by hand or written for another
engine stops every chat with a TemplateSyntaxError or UndefinedError, which a server returns as
an error 400 or 500 at the first request. One that loops or writes without end blocks the server.

Fix: take the template of the model's own repository, and render it once with
`tokenizer.apply_chat_template`.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import stated_template
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import (
    RefusedError,
    broken,
    chatml,
    lacking_a_token,
    template,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, warned
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="tokenizer/file",
    stage="inference",
    entries=(
        "chat-template-refuses-the-order-or-role-of-messages",
        "template-engine-lacks-what-the-chat-template-uses",
    ),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating_writing",),
)
_CLOCK: Final = "it took more than"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Judge what became of a plain question."""
    found = stated_template(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    remedy = (
        "Take the template of the model's own repository: hf download OWNER/NAME "
        f"{file_word(found.path)} "
        "--local-dir FOLDER, or name another with --chat-template."
    )
    if found.engine is None:
        return not_known(f"what the template writes: {found.problem}")
    plain = found.of("plain")
    if found.problem is not None:
        proof = seen(found.problem, file=found.path)
        if found.problem.startswith(_CLOCK):
            return warned("Rendering the chat template had to be ended.", proof, remedy=remedy)
        return failed("The chat template cannot be rendered.", proof, remedy=remedy)
    if plain is None:
        return not_known("what the template makes of a plain question")
    if plain.text is None:
        proof = seen(plain.refused or "it gave no reason", file=found.path)
        if "_token' is undefined" in (plain.refused or ""):
            return not_known("the special tokens that the template asks for")
        return failed("The chat template refuses a plain question.", proof, remedy=remedy)
    if not plain.text.strip():
        return failed(
            "The chat template writes nothing for a plain question.",
            seen(repr(plain.text), file=found.path),
            remedy=remedy,
        )
    return passed("The chat template renders a plain question.", seen(repr(plain.text[:80])))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def refusing(_: object) -> str:
        raise RefusedError("'dict object' has no attribute 'contents'")

    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)))
    cut = broken("TemplateSyntaxError: unexpected end of template (line 3)")
    yield Example(outcome=Outcome.FAIL, snapshot=of(cut), says="cannot be rendered")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(refusing)), says="refuses")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(lambda _: " ")), says="nothing")
    endless = broken("it takes more than 1 s of computing")
    yield Example(outcome=Outcome.FAIL, snapshot=of(endless))
    yield Example(outcome=Outcome.WARN, snapshot=of(broken("it took more than 8 s")))
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(lacking_a_token)), says="not known")
    missing = broken("the library jinja2 is not installed", tried=False)
    yield Example(outcome=Outcome.SKIP, snapshot=of(missing), says="not known")
    own = Intent(chat_template="mine.jinja")
    yield Example(outcome=Outcome.SKIP, snapshot=of(cut), intent=own, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
