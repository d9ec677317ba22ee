r"""A list of LoRA targets holds names; a pattern stands alone.

Why: PEFT takes a text for a pattern of whole paths, and each item of a list for the end of one.
A pattern in a list matches nothing: "Target modules [...] not found in the base model". Up to
PEFT 0.5 items of a list were patterns, too, so that the same script once ran.

Fix: give the pattern as a text, target_modules=r".*\.query_key_value", or list plain names.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.training_sizes import release_here
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import python_text
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/compatibility",
    stage="fine-tuning",
    references=(
        "https://github.com/huggingface/peft/blob/v0.6.0/src/peft/tuners/tuners_utils.py",
        "https://huggingface.co/docs/peft/package_reference/lora",
    ),
)
_CALL: Final = "LoraConfig.target_modules"
_SIGNS: Final = re.compile(r"[*?+|()\[\]^$\\]")
_FIRST: Final = (0, 6)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for signs of patterns in a list that a script writes out."""
    written = next((each for each in intent.arguments if each.name == _CALL), None)
    raw = json.loads(written.value) if written is not None and written.value else None
    if written is None or not isinstance(raw, list):
        return does_not_apply("no script is read that lists modules")
    items = [str(each) for each in raw]
    odd = [each for each in items if _SIGNS.search(each)]
    proof = (seen(written.written), seen(f"target_modules = {items}"))
    if not odd:
        return passed("The list holds plain names.", *proof)
    release = release_here(snapshot, "peft")
    if release is None:
        return not_known("the installed PEFT")
    if release < _FIRST:
        return passed("This PEFT takes items of a list for patterns.", *proof)
    return failed(
        f"PEFT takes {odd[0]} in a list for a name, which no module has.",
        *proof,
        seen(f"peft {'.'.join(map(str, release))} is installed"),
        remedy=f"Give it as a text: target_modules=r{python_text(odd[0])}"
        if len(items) == 1
        else "Join them to one text, (first|second), or list plain names.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, raw: Any, peft: str = "0.6.2", says: str = "") -> Example:
        here = computer(package("peft", peft), package("transformers", "4.35.2"))
        called = Argument(written="LoraConfig(...)", name=_CALL, value=json.dumps(raw))
        intent = Intent(arguments=(called,))
        return Example(outcome=outcome, snapshot=world(environment=here), intent=intent, says=says)

    yield of(Outcome.FAIL, (r".*\.query_key_value",), says="takes")
    yield of(Outcome.FAIL, ("q_proj", r"layers\.[0-3]\.up_proj"), says="for a name")
    yield of(Outcome.PASS, ("q_proj", "self_attn.v_proj", "model.layers.0.mlp.up_proj"))
    yield of(Outcome.PASS, (r".*\.query_key_value",), "0.5.0")
    yield of(Outcome.SKIP, r".*\.query_key_value", says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="does not apply")
