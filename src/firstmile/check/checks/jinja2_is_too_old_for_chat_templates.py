"""The installed jinja2 is one that transformers renders chat templates with.

Why: transformers renders templates only with jinja2 3.1.0 or later, and stops otherwise at the
first chat: "apply_chat_template requires jinja2>=3.1.0 to be installed". Images and environments
of other projects pin older releases. Those before 3.1.6 let a hostile template out of its
sandbox.

Fix: raise jinja2 to 3.1.6 or later.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import stated_template
from firstmile.check.intent import Intent
from firstmile.check.releases import older
from firstmile.check.template_worlds import chatml, template
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
    symptom="crash/other",
    cause="environment/dependency-library",
    entries=("chat-template-refuses-the-order-or-role-of-messages",),
    references=(
        "https://github.com/pallets/jinja/security/advisories/GHSA-cpwx-vrp4-4pq7",
        "https://huggingface.co/docs/transformers/main/en/chat_templating",
    ),
)
_LEAST: Final = "3.1.0"
_SOUND: Final = "3.1.6"
_REMEDY: Final = 'Run python -m pip install --upgrade "jinja2>=3.1.6".'


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the installed release against the one that is needed."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine has a template engine of its own")
    python = snapshot.environment.python if snapshot.environment is not None else None
    if python is None:
        return not_known("the installed packages")
    library = python.version_of("transformers")
    if library is None:
        return does_not_apply("transformers is not installed")
    if intent.chat_template is None:
        found = stated_template(snapshot, intent)
        if isinstance(found, Verdict):
            return found
    installed = python.version_of("jinja2")
    too_old, unsound = older(installed, _LEAST), older(installed, _SOUND)
    if installed is None or too_old is None or unsound is None:
        return not_known("which jinja2 is installed")
    proof = (seen(f"jinja2 {installed}"), seen(f"transformers {library}"))
    if too_old:
        return failed(
            f"Jinja2 {installed} is older than {_LEAST}, which chat templates need.",
            *proof,
            remedy=_REMEDY,
        )
    if unsound and older(library, "5.0.0") is False:
        return warned(
            f"Jinja2 {installed} is older than {_SOUND}, which later releases of transformers 5 "
            "ask for.",
            *proof,
            remedy=_REMEDY,
        )
    return passed(f"Jinja2 {installed} renders chat templates.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(jinja2: str | None, transformers: str | None = "4.57.1") -> Snapshot:
        stated = {"jinja2": jinja2, "transformers": transformers}
        packages = {name: version for name, version in stated.items() if version}
        return world(folder(templates=(template(chatml),)), machine(packages=packages))

    yield Example(outcome=Outcome.FAIL, snapshot=of("3.0.3"), says="3.1.0")
    yield Example(outcome=Outcome.PASS, snapshot=of("3.1.0"))
    yield Example(outcome=Outcome.PASS, snapshot=of("3.1.6", "5.23.0"))
    yield Example(outcome=Outcome.WARN, snapshot=of("3.1.4", "5.23.0"), says="3.1.6")
    yield Example(outcome=Outcome.SKIP, snapshot=of("3.0.3", None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), says="not known")
    bare = world(folder(), machine(packages={"jinja2": "3.0.3", "transformers": "4.57.1"}))
    yield Example(outcome=Outcome.SKIP, snapshot=bare, says="does not apply")
