"""Ollama's run is given the name of a model, not a folder or a file.

Why: ollama run, show and pull look a name up among the models of Ollama's own store, and then on
ollama.com. A path is no name: "invalid model name", or "pull model manifest: file does not exist".
A folder or a GGUF file comes into the store by ollama create alone.

Fix: write a Modelfile that begins with FROM and the path, run ollama create NAME -f Modelfile, then
ollama run NAME.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, shortened
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://github.com/ollama/ollama/blob/main/types/model/name.go",
        "https://github.com/ollama/ollama/issues/7207",
        "https://docs.ollama.com/import",
    ),
)
_PATH: Final = re.compile(r"[./~\\]|[A-Za-z]:\\")
"""How a path begins; each part of a name begins with a letter, a digit or an underscore."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Tell a path from a name by its beginning."""
    if intent.engine != "ollama" or intent.action is not Action.GENERATE or not intent.model:
        return does_not_apply("no model is run by Ollama")
    name = shortened(intent.model)
    if not _PATH.match(name):
        return passed("Ollama is given a name.", seen(f"ollama run {name}"))
    return failed(
        f"Ollama runs models by name, and {name} is a path.",
        seen(f"ollama run {name}"),
        remedy=f"Write FROM {text_word(name)} into a Modelfile, then: ollama create mine -f "
        "Modelfile "
        "&& ollama run mine",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, model: str | None, action: Action = Action.GENERATE) -> Example:
        intent = Intent(engine="ollama", action=action, model=model)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "./good")
    yield of(Outcome.FAIL, "/models/m.gguf")
    yield of(Outcome.FAIL, "~/m")
    yield of(Outcome.FAIL, "C:\\models\\m.gguf")
    yield of(Outcome.PASS, "qwen3:8b")
    yield of(Outcome.PASS, "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M")
    yield of(Outcome.PASS, "good")
    yield of(Outcome.SKIP, "./m.gguf", Action.CONVERT)
    yield of(Outcome.SKIP, None)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="vllm", model="./m"))
