"""The installed transformers reads `extra_special_tokens` in the form in which it stands.

Why: transformers 5 saves `extra_special_tokens` as a list. Releases from 4.47 to the last 4.x take
the field for a table of names and stop in `_set_model_specific_special_tokens`: "AttributeError:
'list' object has no attribute 'keys'". Typical after training with a new tool and serving with
an engine.

Fix: rename the field to `additional_special_tokens`, or raise transformers to 5 where the model
runs.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import version_of
from firstmile.check.intent import Intent
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entries=("special-tokens-are-listed-in-the-form-of-transformers-5",),
    references=("https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md",),
)
_PATH: Final = "tokenizer_config.json"
_FIELD: Final = "extra_special_tokens"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the form of the field against the installed release."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine reads no tokenizer_config.json")
    if snapshot.model is None:
        return not_known("the model's folder")
    field = (snapshot.model.document(_PATH) or {}).get(_FIELD)
    if not isinstance(field, list):
        return does_not_apply(f"{_FIELD} is not a list")
    installed = version_of(snapshot, "transformers")
    before, after = older(installed, "4.47.0"), older(installed, "5.0.0")
    if installed is None or before is None or after is None:
        return not_known("which transformers is installed where the model will run")
    proof = (stated(_PATH, _FIELD, field), seen(f"transformers {installed}"))
    if before or not after:
        return passed(f"Transformers {installed} does not stop at the list.", *proof)
    return failed(
        f"The field {_FIELD} is a list, which transformers {installed} cannot read.",
        *proof,
        remedy=f"Rename {_FIELD} to additional_special_tokens in {_PATH}, or run python -m pip "
        'install --upgrade "transformers>=5".',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(field: Any, installed: str | None) -> Snapshot:
        packages = {"transformers": installed} if installed else {}
        return world(folder(documents={_PATH: {_FIELD: field}}), machine(packages=packages))

    yield Example(outcome=Outcome.FAIL, snapshot=of(["<a>"], "4.57.1"), says="4.57.1")
    yield Example(outcome=Outcome.PASS, snapshot=of(["<a>"], "5.0.0"))
    yield Example(outcome=Outcome.PASS, snapshot=of(["<a>"], "4.46.3"))
    yield Example(outcome=Outcome.SKIP, snapshot=of({"image_token": "<a>"}, "4.57.1"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(["<a>"], None), says="not known")
