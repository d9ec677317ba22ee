"""The installed tokenizers library knows the form in which the merges of tokenizer.json stand.

Why: since tokenizers 0.20 a saved tokenizer.json holds its merges as pairs, which 0.19 and older
cannot read: "data did not match any variant of untagged enum ModelWrapper". The file is sound,
only younger than the library. Each transformers release allows few tokenizers releases: 0.20
came with transformers 4.45.

Fix: raise transformers to 4.45 or later, which brings tokenizers 0.20 along; where it is pinned,
take the tokenizer.json of an older revision.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import version_of
from firstmile.check.intent import Intent
from firstmile.check.releases import older
from firstmile.check.template_worlds import tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entries=("tokenizer-json-is-newer-than-the-tokenizers-library",),
    references=("https://github.com/huggingface/tokenizers/releases/tag/v0.20.0",),
)
_PAIRS_SINCE: Final = "0.20.0"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the form of the merges against the installed release."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine reads no tokenizer.json")
    model = snapshot.model
    if model is None or (model.tokenizer is None and model.why_not("tokenizer")):
        return not_known("the tokenizer of the model")
    found = model.tokenizer
    if found is None or found.merges_as_lists is None:
        return does_not_apply("the folder has no tokenizer.json with merges")
    installed = version_of(snapshot, "tokenizers")
    too_old = older(installed, _PAIRS_SINCE)
    if installed is None or too_old is None:
        return not_known("which tokenizers library is installed where the model will run")
    form = "pairs" if found.merges_as_lists else "texts"
    proof = (seen(f"merges are {form}", file=found.path), seen(f"tokenizers {installed}"))
    if not (found.merges_as_lists and too_old):
        return passed(f"The merges are {form}, which tokenizers {installed} reads.", *proof)
    return failed(
        f"The merges in {found.path} are pairs, which tokenizers {installed} cannot read.",
        *proof,
        remedy='Run python -m pip install --upgrade "transformers>=4.45" "tokenizers>=0.20".',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(pairs: bool | None, installed: str | None) -> Snapshot:
        packages = {"tokenizers": installed} if installed else {}
        here = folder(tokenizer=tokenizer(merges_as_lists=pairs))
        return world(here, machine(packages=packages))

    yield Example(outcome=Outcome.FAIL, snapshot=of(True, "0.19.1"), says="0.19.1")
    yield Example(outcome=Outcome.PASS, snapshot=of(True, "0.20.0"))
    yield Example(outcome=Outcome.PASS, snapshot=of(False, "0.15.2"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(True, None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, "0.19.1"), says="does not apply")
