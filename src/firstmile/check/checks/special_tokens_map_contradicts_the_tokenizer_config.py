"""Tokenizer_config.json and special_tokens_map.json name the same end, start and padding token.

Why: both files say which token ends a text, starts it and fills a batch. Which one is read
depends on the library's release and on further fields, so that the same folder has one end token
in a trainer and another in an engine. It happens where a fine-tune saved one file and the other
was copied from the base model.

Fix: decide which tokens the model was trained with, and make both files say so; transformers 5
needs special_tokens_map.json no more.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    stated,
    warned,
)
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.special_tokens import texts_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/file",
    entries=("tuned-model-never-writes-its-end-token",),
    references=("https://huggingface.co/docs/transformers/main_classes/tokenizer",),
)
_CONFIG: Final = "tokenizer_config.json"
_MAP: Final = "special_tokens_map.json"
_ROLES: Final = ("eos_token", "bos_token", "pad_token")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Compare the tokens that both files name."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine reads neither file")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.document(_CONFIG) is None or model.document(_MAP) is None:
        return does_not_apply("the folder does not have both files")
    found: list[tuple[str, dict[str, Any]]] = []
    same: list[tuple[str, dict[str, Any]]] = []
    for role in _ROLES:
        said: dict[str, Any] = {one.file: one.value for one in texts_of(model, role)}
        if len(said) == 2:
            (same if said[_CONFIG] == said[_MAP] else found).append((role, said))
    if not found:
        names = ", ".join(role for role, _ in same)
        return passed(f"Both files agree ({names}).") if same else does_not_apply("no role in both")
    return [
        warned(
            f"The {role} is {said[_CONFIG]} in one file and {said[_MAP]} in the other.",
            stated(_CONFIG, role, said[_CONFIG]),
            stated(_MAP, role, said[_MAP]),
            remedy=f"Make {role} the same in both, as the model was trained.",
        )
        for role, said in found
    ]


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(first: Any, second: Any) -> Snapshot:
        trees = {_CONFIG: {"eos_token": first}, _MAP: {"eos_token": second}}
        return world(folder(documents=trees))

    token = {"content": "<|im_end|>", "lstrip": False}
    yield Example(outcome=Outcome.PASS, snapshot=of("<|im_end|>", token))
    yield Example(outcome=Outcome.WARN, snapshot=of("<|endoftext|>", token), says="eos_token")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, token), says="does not apply")
    alone = world(folder(documents={_CONFIG: {"eos_token": "a"}}))
    yield Example(outcome=Outcome.SKIP, snapshot=alone, says="does not apply")
