"""A chat template marks the assistant's words where the loss is to be taken on them alone.

Why: with assistant_only_loss TRL asks the template which tokens the assistant wrote, by its
{% generation %} marks. Published templates mostly have none. Before TRL 1.2 the run ends with "at
least one example has no assistant tokens"; later releases put marks into templates that they know
word for word, and refuse others.

Fix: put {% generation %} ... {% endgeneration %} around the assistant's content in the template,
or give prompt and completion as two fields.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.chat_templates import stated_template
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.training_sizes import release_here, settings_of, training_in
from firstmile.check.training_worlds import tuning
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
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/sft_trainer",),
)
_MARKS: Final = re.compile(r"\{%[-+]?\s{0,20}generation\b")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the marks in the template's source."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not settings_of(intent).truth("assistant_only_loss"):
        return does_not_apply("the loss is not taken on the assistant's words alone")
    found = stated_template(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    asked = seen("assistant_only_loss = True")
    if _MARKS.search(found.source):
        return passed("The template marks what the assistant says.", asked)
    release = release_here(snapshot, "trl")
    if release is None:
        return not_known("the installed trl")
    tell = failed if release < (1, 2) else warned
    return tell(
        "The template has no {% generation %} marks: no token counts as the assistant's.",
        asked,
        seen(f"chat template of {found.path}", file=found.path),
        remedy="Put {% generation %} and {% endgeneration %} around the assistant's content, or "
        "say --assistant_only_loss False.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    marked = (
        "{% for m in messages %}{%- generation %}{{ m.content }}{% endgeneration %}{% endfor %}"
    )

    def of(outcome: Outcome, source: str, trl: str = "0.24.0", on: str = "True") -> Example:
        model = folder(templates=(template(chatml, source=source),))
        here = machine(packages={"trl": trl})
        intent: Any = tuning(engine="trl", flags={"assistant_only_loss": on})
        return Example(outcome=outcome, snapshot=world(model, here), intent=intent)

    yield of(Outcome.FAIL, "{{ messages }}")
    yield of(Outcome.WARN, "{{ messages }}", "1.9.0")
    yield of(Outcome.PASS, marked)
    yield of(Outcome.FAIL, "{% if add_generation_prompt %}{% endif %}")
    yield of(Outcome.SKIP, "{{ messages }}", on="False")
    intent = tuning(engine="trl", flags={"assistant_only_loss": "True"})
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=intent, says="not known")
