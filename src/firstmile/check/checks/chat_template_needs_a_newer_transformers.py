"""The installed transformers knows what the chat template uses, and the file it stands in.

Why: releases before 4.47 do not read chat_template.jinja, so that the model has no template; those
before 4.45 know neither strftime_now ("'strftime_now' is undefined") nor break and continue
("Encountered unknown tag 'break'"), which Llama 3.2, gpt-oss and others use. Engines that pin an
older transformers are touched by it as well.

Fix: raise transformers, or name a template that does without.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import stated_template
from firstmile.check.installed import version_of
from firstmile.check.intent import Intent
from firstmile.check.releases import older
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="environment/dependency-library",
    entries=("chat-template-is-not-set",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating_writing",),
)
_FILE: Final = "chat_template.jinja"
_NEEDS: Final = (
    (re.compile(r"{%-? ?(?:break|continue) ?-?%}"), "break and continue", "4.45.0"),
    (re.compile(r"{%-? ?generation ?-?%}"), "the tag generation", "4.43.0"),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what the template needs against the installed release."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine has a template engine of its own")
    found = stated_template(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    installed = version_of(snapshot, "transformers")
    if installed is None or older(installed, "4.47.0") is None:
        return not_known("which transformers is installed where the model will run")
    needs = [(f"the file {_FILE}", "4.47.0")] if found.path == _FILE else []
    needs += [(what, since) for pattern, what, since in _NEEDS if pattern.search(found.source)]
    if _calls_the_clock(found.source):
        needs.append(("strftime_now", "4.45.0"))
    missing = [(what, since) for what, since in needs if older(installed, since)]
    model = snapshot.model
    elsewhere = model is not None and any(
        one.path == "tokenizer_config.json" for one in model.templates
    )
    missing = [one for one in missing if not (elsewhere and _FILE in one[0])]
    proof = seen(f"transformers {installed}")
    if not missing:
        return passed(f"Transformers {installed} knows what the template uses.", proof)
    what, since = max(missing, key=lambda one: one[1])
    return failed(
        f"The chat template needs transformers {since}: {what} is not known to {installed}.",
        proof,
        seen(", ".join(one for one, _ in missing), file=found.path),
        remedy=f'Run python -m pip install --upgrade "transformers>={since}".',
    )


def _calls_the_clock(source: str) -> bool:
    """Tell a template that needs the clock from one that asks first whether it is there."""
    return "strftime_now" in source and "strftime_now is defined" not in source


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(source: str, installed: str | None, path: str = "tokenizer_config.json") -> Snapshot:
        packages = {"transformers": installed} if installed else {}
        one = template(chatml, source=source, path=path)
        return world(folder(templates=(one,)), machine(packages=packages))

    clock = "{{ strftime_now('%d %b %Y') }}"
    yield Example(outcome=Outcome.FAIL, snapshot=of(clock, "4.44.2"), says="strftime_now")
    yield Example(outcome=Outcome.PASS, snapshot=of(clock, "4.45.2"))
    asked = "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% endif %}"
    yield Example(outcome=Outcome.PASS, snapshot=of(asked, "4.44.2"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("{%- break -%}", "4.44.2"), says="break")
    yield Example(outcome=Outcome.FAIL, snapshot=of("x", "4.46.3", _FILE), says=_FILE)
    yield Example(outcome=Outcome.PASS, snapshot=of("x", "4.47.1", _FILE))
    yield Example(outcome=Outcome.SKIP, snapshot=of("x", None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
