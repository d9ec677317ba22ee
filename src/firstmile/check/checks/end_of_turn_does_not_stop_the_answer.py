"""The token that the chat template writes after an answer is one that stops generation.

Why: a chat model closes its answer with the token that the template wrote there in training
(<|im_end|>, <|eot_id|>, <end_of_turn>). Engines stop at the ids of `eos_token_id` in
generation_config.json, some also at the tokenizer's end token. Where none of these is the closing
token, the model writes it, passes over it, and goes on as the user until the limit is reached.
No error is shown. A base model that has a template but was never trained on chats
does the same, which is only a warning here.

Fix: add the token's id to `eos_token_id` in generation_config.json, or pass it as a stop token
with each request.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import msgspec

from firstmile.check.chat_templates import (
    ENGINES_OF_GGUF,
    after_the_answer,
    is_named_for_chats,
    template_of,
)
from firstmile.check.end_ids import with_end
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, inst, template, tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import AddedToken, ModelFolder
from firstmile.facts.model_folder.special_tokens import id_of, stopping_ids, text_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/control-token",
    stage="inference",
    entries=("chat-goes-on-as-the-user-because-the-end-token-is-not-met",),
    references=(
        "https://huggingface.co/docs/transformers/main_classes/text_generation",
        "https://docs.vllm.ai/en/latest/api/vllm/sampling_params.html",
    ),
)
_GENERATION: Final = "generation_config.json"


class _Closing(msgspec.Struct, frozen=True):
    text: str
    id: int


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Find the token that closes an answer among those that stop one."""
    if intent.engine in ENGINES_OF_GGUF:
        return does_not_apply("llama.cpp finds the end of a turn by the texts of its tokens")
    if intent.action is Action.FINE_TUNE:
        return does_not_apply("training stops at no token")
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    model = snapshot.model
    after = after_the_answer(found)
    if model is None or after is None:
        return does_not_apply("the template shows no answer of the assistant")
    if model.tokenizer is None:
        return not_known("the ids of the tokenizer's tokens")
    closing = _closing(after, model)
    if closing is None:
        return does_not_apply("the template closes an answer with no token of its own")
    proof = seen(f"after an answer comes {closing.text} ({closing.id})", file=found.path)
    if closing.id in intent.stop_ids or closing.text in intent.stop:
        return passed(f"The command stops at {closing.text}.", proof)
    stops = stopping_ids(model, intent.engine)
    if not stops:
        return not_known("at which ids generation stops: neither config names one")
    stating = [
        stated(file, "eos_token_id", [one for one, place in stops.items() if place == file])
        for file in dict.fromkeys(stops.values())
    ]
    if closing.id in stops:
        return passed(f"Generation stops at {closing.text}.", proof, *stating)
    ids = with_end(stops, closing.id, model)
    say = failed if _surely_chats(model, intent, closing, stops) else warned
    return say(
        f"Answers end with {closing.text} ({closing.id}), and generation does not stop there.",
        proof,
        *stating,
        remedy=f'Put "eos_token_id": {ids} into {_GENERATION}, or pass '
        f"stop_token_ids=[{closing.id}] with each request.",
    )


def _surely_chats(
    model: ModelFolder, intent: Intent, closing: _Closing, stops: Collection[int]
) -> bool:
    """Tell a chat model from a base model that has a template and ends at its own end token."""
    end = text_of(model, "eos_token")
    own = None if end is None else id_of(model, str(end.value))
    asked = intent.tool_choice or intent.tool_parser or intent.reasoning_parser
    is_consistent = own is not None and own != closing.id and own in stops
    return bool(asked) or not is_consistent or is_named_for_chats(model, intent)


def _closing(after: str, model: ModelFolder) -> _Closing | None:
    """Return the first special token after the answer, if nothing but blanks stands before it."""
    rest = after.lstrip()
    tokens = {one.content: one.id for one in (model.tokenizer.added if model.tokenizer else ())}
    end = text_of(model, "eos_token")
    if end is not None:
        id_ = id_of(model, str(end.value))
        if id_ is not None:
            tokens[str(end.value)] = id_
    fitting = [text for text in tokens if text and rest.startswith(text)]
    if not fitting:
        return None
    longest = max(fitting, key=len)
    return _Closing(longest, tokens[longest])


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(generation: Any, *, end: str = "<|endoftext|>", **more: Any) -> Snapshot:
        trees: dict[str, Any] = {"tokenizer_config.json": {"eos_token": end}}
        if generation is not None:
            trees[_GENERATION] = {"eos_token_id": generation}
        parts: dict[str, Any] = {"templates": (template(chatml),), "tokenizer": tokenizer()} | more
        config = {**LLAMA, "eos_token_id": 151643}
        return world(folder(config=config, documents=trees, **parts))

    vllm = Intent(engine="vllm", action=Action.SERVE)
    instruct = Intent(model="some/Model-7B-Instruct")
    base = of(151643)
    yield Example(outcome=Outcome.WARN, snapshot=base, says="<|im_end|> (151645)")
    yield Example(outcome=Outcome.FAIL, snapshot=base, intent=instruct)
    yield Example(outcome=Outcome.FAIL, snapshot=of(None, end="<|im_end|>"), says="does not stop")
    yield Example(outcome=Outcome.PASS, snapshot=of([151645, 151643]))
    yield Example(outcome=Outcome.WARN, snapshot=base, intent=vllm)
    tools = Intent(engine="vllm", tool_parser="hermes")
    yield Example(outcome=Outcome.FAIL, snapshot=base, intent=tools)
    named = of(151643, end="<|im_end|>")
    yield Example(outcome=Outcome.PASS, snapshot=named, intent=vllm)
    yield Example(outcome=Outcome.FAIL, snapshot=named, intent=Intent(engine="transformers"))
    yield Example(outcome=Outcome.PASS, snapshot=of(151643), intent=Intent(stop_ids=(151645,)))
    first = AddedToken(id=2, content="</s>", special=True)
    mistral = of(2, end="</s>", templates=(template(inst),), tokenizer=tokenizer((first,)))
    yield Example(outcome=Outcome.PASS, snapshot=mistral)
    plain = template(lambda each: chatml(each).replace("<|im_end|>", ""))
    yield Example(outcome=Outcome.SKIP, snapshot=of(1, templates=(plain,)), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(1, templates=()), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(1, tokenizer=None), says="not known")
