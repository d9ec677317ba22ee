"""The marks by which a coder model fills gaps are among the tokens that stop its answer.

Why: models such as Qwen2.5-Coder fill a gap between <|fim_prefix|>, <|fim_suffix|> and
<|fim_middle|>. After it they write <|fim_pad|> without end, or go on with another file behind
<|file_sep|> or <|repo_name|>, unless generation stops there; their configs name <|endoftext|> and
<|im_end|> alone. Chats are not touched by it.

Fix: stop at these ids with each request that fills a gap: stop_token_ids of vLLM and SGLang, a list
as eos_token_id of generate.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.chat_templates import ENGINES_OF_GGUF, is_named_for_chats
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import CHATML_TOKENS, tokenizer
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
from firstmile.facts.model_folder.folder import AddedToken
from firstmile.facts.model_folder.special_tokens import stopping_ids
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/control-token",
    stage="inference",
    entries=("fill-in-the-middle-or-filler-tokens-come-without-end",),
    references=(
        "https://github.com/QwenLM/Qwen2.5-Coder#3-file-level-code-completion-fill-in-the-middle",
    ),
)
_FILLS: Final = "<|fim_middle|>"
_ENDS: Final = ("<|fim_pad|>", "<|file_sep|>", "<|repo_name|>")
"""Those that come after a gap in Qwen's and StarCoder's way of writing files."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the marks up among the stopping ids, where the model is made for code."""
    if intent.action not in (Action.SERVE, Action.GENERATE):
        return does_not_apply("nothing is generated")
    if intent.engine in ENGINES_OF_GGUF:
        return does_not_apply("llama.cpp ends at its own list of such marks")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.tokenizer is None:
        return not_known("the tokens of the tokenizer")
    ids = {each.content: each.id for each in model.tokenizer.added}
    if _FILLS not in ids:
        return does_not_apply("the tokenizer has no marks for gaps")
    names = " ".join(filter(None, (intent.model, model.path, model.snapshot_of))).lower()
    if "code" not in names:
        return does_not_apply("its name does not say that it was trained to fill gaps")
    if is_named_for_chats(model, intent):
        return does_not_apply("its name says that it is to chat")
    stops = {*stopping_ids(model, intent.engine), *intent.stop_ids}
    missing = [name for name in _ENDS if name in ids and ids[name] not in stops]
    missing = [name for name in missing if name not in intent.stop]
    proof = seen(f"{_FILLS} ({ids[_FILLS]})", file=model.tokenizer.path)
    if not missing:
        return passed("Generation stops at the marks that end a gap.", proof)
    found = ", ".join(f"{name} ({ids[name]})" for name in missing)
    return warned(
        f"Where gaps are filled, generation goes on past {found}.",
        proof,
        stated("the configs", "eos_token_id", sorted(stops)),
        remedy=f"Pass stop_token_ids={sorted([*stops, *(ids[name] for name in missing)])} with "
        "each request that fills a gap.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    marks = (
        AddedToken(id=151660, content="<|fim_middle|>", special=False),
        AddedToken(id=151662, content="<|fim_pad|>", special=False),
        AddedToken(id=151664, content="<|file_sep|>", special=False),
    )

    def of(end: Any = 151643, *, gaps: bool = True, name: str = "Qwen2.5-Coder-7B") -> Snapshot:
        added = (*CHATML_TOKENS, *(marks if gaps else ()))
        return world(
            folder(
                config=LLAMA,
                documents={"generation_config.json": {"eos_token_id": end}},
                tokenizer=tokenizer(added),
                snapshot_of=f"Qwen/{name} at 0123",
            )
        )

    run = Intent(action=Action.GENERATE, engine="transformers")
    yield Example(outcome=Outcome.WARN, snapshot=of(), intent=run, says="<|fim_pad|> (151662)")
    yield Example(outcome=Outcome.PASS, snapshot=of([151643, 151662, 151664]), intent=run)
    told = Intent(action=Action.SERVE, engine="vllm", stop_ids=(151662, 151664))
    yield Example(outcome=Outcome.PASS, snapshot=of(), intent=told)
    chat = of(name="Qwen2.5-Coder-7B-Instruct")
    yield Example(outcome=Outcome.SKIP, snapshot=chat, intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=of(name="Qwen2.5-7B"), intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=of(gaps=False), intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
