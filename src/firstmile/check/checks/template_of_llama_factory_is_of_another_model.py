"""LLaMA-Factory's template writes turns by tokens that the model's tokenizer has.

Why: `template` names how LLaMA-Factory marks the turns, and it asks for no model. With that of
another family the marks (`<|start_header_id|>` for a Qwen) are no tokens: they are cut into pieces,
learnt as plain text, and answers do not end where they should, since the token that ends a turn is
new and its row in the embedding was never trained. The loss falls all the same. A name that
LLaMA-Factory does not have stops it: "Template ... does not exist".

Fix: take the template of the model's family (LLaMA-Factory's README lists them), and the same one
for training, export and chat.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent, Training
from firstmile.check.llama_factory_templates import MARKS, NAMES, OF_TYPES, mark_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    shortened,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import AddedToken, ModelFolder, Tokenizer
from firstmile.facts.model_folder.special_tokens import id_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/control-token",
    stage="fine-tuning",
    references=("https://github.com/hiyouga/LLaMA-Factory#supported-models",),
)
_SLIP: Final = 0.8
"""How like a known name one is (difflib's ratio) that must be meant for it."""
_LONGEST: Final = 60
_ADDING: Final = ("resize_vocab", "add_special_tokens", "add_tokens", "new_special_tokens")
"""Settings that bring tokens into the tokenizer."""
_KINDS: Final = ("tokenizer.json", "sentencepiece")
"""Kinds of tokenizers of which all added tokens are read."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the template's marks among the tokens."""
    if intent.engine != "llama-factory":
        return does_not_apply("the command is none of LLaMA-Factory")
    name = intent.chat_template
    if name is None:
        return does_not_apply("the command names no template")
    if name not in NAMES:
        return _unknown(name, snapshot.model)
    mark = mark_of(name)
    if mark is None:
        return does_not_apply(f"the template {name} is not told by a token")
    said = intent.training.settings if intent.training is not None else {}
    if said.get("stage") == "pt":
        return does_not_apply("texts are learnt as they are, without turns (stage: pt)")
    if any(said.get(each) for each in _ADDING):
        return does_not_apply("tokens are added to the tokenizer")
    model = snapshot.model
    tokenizer = model.tokenizer if model is not None else None
    if model is None or tokenizer is None:
        return not_known("the tokens of the model's tokenizer")
    if id_of(model, mark) is not None:
        return passed(f"The tokenizer has the token of the template {name}.", seen(mark))
    if tokenizer.kind not in _KINDS and not tokenizer.added:
        return not_known("the added tokens of the model's tokenizer")
    stated = (model.config or {}).get("model_type")
    kind = stated if isinstance(stated, str) else None
    return warned(
        f"The template {name} writes turns by {mark}, which is no token of this model.",
        seen(f"template = {name}"),
        seen(f"model_type = {shortened(kind)}", file="config.json")
        if kind is not None
        else seen(f"{mark} is not among its tokens", file=tokenizer.path),
        remedy=_remedy(model, kind),
    )


def _unknown(name: str, model: ModelFolder | None) -> Verdict:
    """Tell a slip, which stops it, from a name that may be newer or of a fork."""
    from difflib import get_close_matches

    alike = [each for each in NAMES if each[:3] == name[:3]]
    near = sorted(get_close_matches(name[:_LONGEST], alike, n=3, cutoff=_SLIP))
    proof = seen(f"template = {shortened(name)}")
    stated = (model.config or {}).get("model_type") if model is not None else None
    its = OF_TYPES.get(stated) if isinstance(stated, str) else None
    if not near:
        return warned(
            "LLaMA-Factory has no template of this name in any release that is known.",
            proof,
            remedy=f"Write template: {its}"
            if its
            else "Name one that it has, unless yours is newer: its README lists them.",
        )
    last = f" or {near[-1]}" if len(near) > 1 else ""
    return failed(
        f"LLaMA-Factory has no template {shortened(name)}, and stops at it.",
        proof,
        remedy=f"Write template: {its or ', '.join(near[:-1] or near) + last}",
    )


def _remedy(model: ModelFolder, kind: str | None) -> str:
    its = OF_TYPES.get(kind or "")
    if its is not None:
        return f"Write template: {its}"
    for mark, names in MARKS.items():
        if id_of(model, mark) is not None:
            return f"Take a template that writes {mark}, which it has: {', '.join(names[:4])}."
    return "Take the template that LLaMA-Factory's README names beside the model."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, template: str | None, *tokens: str, says: str = "", **more: Any
    ) -> Example:
        added = tuple(
            AddedToken(id=100 + place, content=token, special=True)
            for place, token in enumerate(tokens)
        )
        tokenizer = Tokenizer(
            path="tokenizer.json",
            kind=more.pop("form", "tokenizer.json"),
            algorithm="BPE",
            base_size=100,
            size=200,
            added=added,
        )
        config = {**LLAMA, "model_type": more.pop("kind", "llama")}
        intent = Intent(engine="llama-factory", chat_template=template, **more)
        made = world(folder(config=config, tokenizer=tokenizer))
        return Example(outcome=outcome, snapshot=made, intent=intent, says=says)

    qwen = ("<|im_start|>", "<|im_end|>")
    yield of(Outcome.WARN, "llama3", *qwen, kind="qwen2", says="<|start_header_id|>")
    yield of(Outcome.WARN, "gemma", *qwen, kind="yi", says="<start_of_turn>")
    yield of(Outcome.WARN, "llama3", form="sentencepiece")
    yield of(Outcome.FAIL, "llama33", says="no template llama33, and stops")
    yield of(Outcome.FAIL, "llama9")
    yield of(Outcome.WARN, "brandnew", says="no template of this name")
    yield of(Outcome.PASS, "qwen", *qwen, kind="qwen2")
    yield of(Outcome.PASS, "llama3", "<|start_header_id|>")
    yield of(Outcome.SKIP, "chatml", kind="llama", says="not told by a token")
    yield of(Outcome.SKIP, "llama2", says="not told by a token")
    resized = Training(settings={"resize_vocab": True})
    yield of(Outcome.SKIP, "qwen", training=resized, says="tokens are added")
    plain = Training(settings={"stage": "pt"})
    yield of(Outcome.SKIP, "llama3", *qwen, training=plain, says="without turns")
    yield of(Outcome.FAIL, "llama33", training=plain)
    yield of(Outcome.SKIP, "vanilla", says="not told by a token")
    yield of(Outcome.SKIP, "qwen", form="tiktoken", says="not known")
    yield of(Outcome.SKIP, None, says="names no template")
    other = Intent(engine="vllm", chat_template="llama3")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=other)
