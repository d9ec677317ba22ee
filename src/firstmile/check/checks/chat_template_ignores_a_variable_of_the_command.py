"""The chat template uses the variables that the command gives it.

Why: thinking is switched by a variable of the template: `enable_thinking` in Qwen3, `thinking` in
DeepSeek V3.1, `reasoning_effort` in gpt-oss. A template that does not know the name passes over
it without an error, and the model goes on thinking, or does not begin to.

Fix: use the name that the template has.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.check.chat_templates import stated_template
from firstmile.check.intent import Argument, Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/reasoning-mode",
    cause="configuration/inference",
    stage="inference",
    entries=("thinking-cannot-be-switched-off",),
    references=("https://docs.vllm.ai/en/latest/features/reasoning_outputs.html",),
)
_ARGUMENTS: Final = ("default_chat_template_kwargs", "chat_template_kwargs")
_SWITCHES: Final = ("enable_thinking", "thinking", "reasoning_effort", "thinking_mode")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for each variable in the template's text."""
    given = _variables(intent)
    if given is None:
        return does_not_apply("the command gives the template no variables")
    flag, names = given
    if names is None:
        return not_known(f"which variables {flag} gives: it is no JSON")
    found = stated_template(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    unused = [name for name in names if name not in found.source]
    if not unused:
        return passed(f"The template uses {', '.join(names)}.", seen(found.path))
    own = [name for name in _SWITCHES if name in found.source]
    return [
        warned(
            f"The chat template does not know {name}: it has no effect.",
            seen(f"{flag} gives {name}"),
            seen(f"no {name} in it", file=found.path),
            remedy=f"Use {own[0]}, which this template knows."
            if own
            else f"Take {name} out: this model's template cannot switch its thinking.",
        )
        for name in unused
    ]


def _variables(intent: Intent) -> tuple[str, tuple[str, ...] | None] | None:
    for one in intent.arguments:
        if one.name.replace("-", "_") in _ARGUMENTS and one.value:
            try:
                value = json.loads(one.value)
            except (ValueError, RecursionError):
                return one.written, None
            return one.written, tuple(value) if isinstance(value, Mapping) else None
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def run(value: str, name: str = "chat_template_kwargs") -> Intent:
        written = "--" + name.replace("_", "-")
        return Intent(arguments=(Argument(written=written, name=name, value=value),))

    def of(source: str) -> Snapshot:
        return world(folder(templates=(template(chatml, source=source),)))

    qwen = of("{% if enable_thinking is false %}</think>{% endif %}")
    off: Any = '{"enable_thinking": false}'
    yield Example(outcome=Outcome.PASS, snapshot=qwen, intent=run(off))
    other = run('{"thinking_budget": 0}', "default_chat_template_kwargs")
    yield Example(outcome=Outcome.WARN, snapshot=qwen, intent=other, says="thinking_budget")
    yield Example(outcome=Outcome.WARN, snapshot=of("{{ messages }}"), intent=run(off))
    yield Example(outcome=Outcome.SKIP, snapshot=qwen, intent=run("{"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=qwen, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run(off), says="not known")
