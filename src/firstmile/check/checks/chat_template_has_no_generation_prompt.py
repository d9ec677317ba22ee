"""With `add_generation_prompt`, the chat template ends where the assistant's text begins.

Why: engines ask the template to open the assistant's turn before the model writes. A template that
takes no notice leaves the prompt at the end of the user's turn: the model then goes on with the
user's text, writes the header of the turn itself, or ends at once.

Fix: add what the template writes before an assistant's text at its end, under
`{% if add_generation_prompt %}`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.chat_templates import before_the_answer, template_of, text_of
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, inst, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.words_to_copy import file_word, python_text
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.conversations import ASKED
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/not-following-instructions",
    cause="tokenizer/control-token",
    stage="inference",
    entries=("first-token-ends-the-answer",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the end of a prompt against what stands before an answer."""
    if intent.action is Action.FINE_TUNE:
        return does_not_apply("in training the assistant's turns are there")
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    prompt, without = text_of(found, "plain"), text_of(found, "plain without prompt")
    before = before_the_answer(found)
    if prompt is None or without is None or before is None or ASKED not in prompt:
        return does_not_apply("the template does not show a question and its answer in full")
    end = prompt.rpartition(ASKED)[2]
    proof = seen(f"the prompt ends with {end[-80:]!r}", file=found.path)
    if prompt != without:
        return passed("The chat template opens the assistant's turn.", proof)
    missing = before.removeprefix(end) if before.startswith(end) else ""
    if not missing.strip():
        return passed("The chat template's prompt ends where an answer begins.", proof)
    return failed(
        f"The chat template does not open the assistant's turn: {missing!r} is missing.",
        proof,
        seen(f"before an answer it writes {before[-80:]!r}", file=found.path),
        remedy="Add "
        f"{{% if add_generation_prompt %}}{{{{ {python_text(missing)} }}}}{{% endif %}} at "
        f"the end of the template in {file_word(found.path)}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def deaf(conversation: Mapping[str, Any]) -> str:
        return chatml(conversation, prompt=None)

    def thinking(conversation: Mapping[str, Any]) -> str:
        return chatml(conversation, thinks="<think>\n")

    yield Example(outcome=Outcome.FAIL, snapshot=of(template(deaf)), says="assistant")
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)))
    yield Example(outcome=Outcome.PASS, snapshot=of(template(inst)))
    yield Example(outcome=Outcome.PASS, snapshot=of(template(thinking)))
    tuning = Intent(action=Action.FINE_TUNE)
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(deaf)), intent=tuning)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
