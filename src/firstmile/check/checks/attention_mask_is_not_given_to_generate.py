"""A call of generate gets the attention mask where the padding token also ends texts.

Why: without a mask, transformers tells padding by the padding token. Where that token is an end
token as well it cannot, warns "the attention mask is not set and cannot be inferred from input",
and reads the padding as text: in a batch the shorter texts get worse answers.

Fix: hand over all that the tokenizer returns: model.generate(**inputs, max_new_tokens=512).
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.model_folder.special_tokens import id_of, stopping_ids, text_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/output-consistency",
    cause="api/call-parameter",
    stage="inference",
    entries=("attention-mask-was-not-passed-to-generate",),
    references=(
        "https://huggingface.co/docs/transformers/main/en/llm_tutorial#wrong-padding-side",
    ),
)
_IDS: Final = ("generate.inputs", "generate.input_ids")
_MASK: Final = "generate.attention_mask"
_FILE: Final = "generation_config.json"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at what generate is given, and whether padding can be told from the end."""
    names = {each.name: each for each in intent.arguments}
    call = names.get("generate")
    if call is None or not any(name in names for name in _IDS):
        return does_not_apply("no call of generate is read that is given ids alone")
    if _MASK in names:
        return passed("The attention mask is given.", seen(call.written))
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    pad = _padding(model)
    if pad is None:
        return not_known("the padding token of the model")
    ends = sorted(stopping_ids(model, "transformers"))
    proof = (seen(call.written), stated(_FILE, "pad_token_id, eos_token_id", [pad, ends]))
    if pad not in ends:
        return passed("Padding can be told from the end, so that the mask is inferred.", *proof)
    return warned(
        "The call gets ids without their mask, and padding looks like the end of a text.",
        *proof,
        remedy="Call model.generate(**inputs, ...) with all that the tokenizer returned.",
    )


def _padding(model: ModelFolder) -> int | None:
    """Return the id that generation pads with; None where it is not known."""
    for path in (_FILE, "config.json"):
        said = (model.document(path) or {}).get("pad_token_id")
        if isinstance(said, int):
            return said
    token = text_of(model, "pad_token")
    return id_of(model, str(token.value)) if token is not None else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def given(*names: str) -> Intent:
        where = "generate in line 9 of run.py"
        said = tuple(Argument(written=where, name=name, value="") for name in names)
        return Intent(engine="transformers", action=Action.GENERATE, arguments=said)

    def of(pad: Any, end: Any) -> Snapshot:
        tree = {"eos_token_id": end, **({} if pad is None else {"pad_token_id": pad})}
        return world(folder(config=LLAMA, documents={_FILE: tree}))

    ids = given("generate", "generate.inputs")
    qwen = of(151643, [151645, 151643])
    yield Example(outcome=Outcome.WARN, snapshot=qwen, intent=ids)
    named = given("generate", "generate.input_ids", "generate.max_new_tokens")
    yield Example(outcome=Outcome.WARN, snapshot=qwen, intent=named)
    masked = given("generate", "generate.input_ids", _MASK)
    yield Example(outcome=Outcome.PASS, snapshot=qwen, intent=masked)
    yield Example(outcome=Outcome.PASS, snapshot=of(0, 2), intent=ids)
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, 2), intent=ids, says="not known")
    all_of_it = given("generate.max_new_tokens")
    yield Example(outcome=Outcome.SKIP, snapshot=qwen, intent=all_of_it, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=ids, says="not known")
