"""The template of a Modelfile writes the prompt, and tools where they are used.

Why: Ollama renders what stands under TEMPLATE, in the template language of Go. Only
`{{ .Prompt }}` or a loop over `{{ .Messages }}` puts the question into it; a template of Jinja
that was pasted there is refused or written as it stands. Without `{{ .System }}` a system message
has no effect, without `{{ .Tools }}` Ollama answers "does not support tools".

Fix: take the template that `ollama show --modelfile` prints for a model of the same family.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.intent import Intent
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
    symptom="incorrect/generation/not-following-instructions",
    cause="tokenizer/control-token",
    stage="inference",
    entries=("ollama-model-does-not-support-tools", "system-prompt-has-no-effect"),
    references=("https://docs.ollama.com/modelfile",),
)
_REMEDY: Final = (
    "Take the TEMPLATE that ollama show --modelfile NAME prints for a model of the same family."
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for the variables that carry the prompt and the system message."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    found = next((one for one in model.templates if one.path == "Modelfile"), None)
    if found is None:
        return does_not_apply("there is no Modelfile that states a template")
    text = found.source
    quoted = seen(text[:160], file="Modelfile")
    if "{%" in text:
        return failed("The TEMPLATE of the Modelfile is one of Jinja.", quoted, remedy=_REMEDY)
    messages = ".Messages" in text
    if not messages and ".Prompt" not in text:
        return failed(
            "The TEMPLATE of the Modelfile leaves out the prompt.", quoted, remedy=_REMEDY
        )
    if not messages and ".System" not in text:
        return warned(
            "The TEMPLATE of the Modelfile leaves out system messages.", quoted, remedy=_REMEDY
        )
    if (intent.tool_choice or intent.tool_parser) and ".Tools" not in text:
        return warned("The TEMPLATE of the Modelfile shows no tools.", quoted, remedy=_REMEDY)
    return passed("The TEMPLATE of the Modelfile writes what it is given.", quoted)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(source: str) -> Snapshot:
        one = Template(name="default", path="Modelfile", source=source, problem="of Go")
        return world(folder(kind="modelfile", templates=(one,)))

    turns = "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>{{ end }}"
    yield Example(outcome=Outcome.PASS, snapshot=of(turns))
    yield Example(outcome=Outcome.PASS, snapshot=of("{{ .System }} [INST] {{ .Prompt }} [/INST]"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("<|user|>{{ .Content }}"), says="the prompt")
    jinja = of("{% for message in messages %}{{ message }}{% endfor %}")
    yield Example(outcome=Outcome.FAIL, snapshot=jinja, says="Jinja")
    yield Example(outcome=Outcome.WARN, snapshot=of("[INST] {{ .Prompt }} [/INST]"), says="system")
    tools = Intent(tool_choice=True)
    yield Example(outcome=Outcome.WARN, snapshot=of(turns), intent=tools, says="no tools")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
