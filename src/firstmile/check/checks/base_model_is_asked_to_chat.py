"""A model that is to chat was tuned to follow instructions.

Why: a base model goes on with a text; it does not answer. Asked to chat it repeats the question,
writes both sides of a talk, or never ends. Some bring a chat template all the same (Qwen2.5,
Qwen3), so that nothing fails. Their names end in "-Base", or lack "-Instruct" and "-Chat".

Fix: take the Instruct or Chat model of the family, or use completions with a prompt to go on from.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import config_of
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
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/not-following-instructions",
    cause="configuration/inference",
    stage="inference",
    entries=("base-model-is-asked-to-chat", "qwen-chat-function-refuses-the-base-model"),
    references=("https://huggingface.co/Qwen/Qwen3-8B-Base",),
)
_BASE: Final = ("base", "pretrain", "pretrained")
_TUNED: Final = ("instruct", "chat", "it", "sft", "dpo", "rlhf", "thinking")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the name of the model beside signs that it is to chat."""
    if intent.trains or intent.action not in (Action.SERVE, Action.GENERATE):
        return does_not_apply("nobody is to chat with it")
    words = _words(intent.model, snapshot.model.snapshot_of if snapshot.model else None)
    if not words:
        return not_known("the name of the model")
    proof = seen(f"model = {intent.model or (snapshot.model and snapshot.model.snapshot_of)}")
    if any(word in _TUNED for word in words):
        return passed("Its name says that it was tuned to follow instructions.", proof)
    if not any(word in _BASE for word in words) or _says_its_size(snapshot):
        return does_not_apply("its name does not say that it is a base model")
    chats = [
        name
        for name, value in (
            ("tool_parser", intent.tool_parser),
            ("reasoning_parser", intent.reasoning_parser),
            ("chat_template", intent.chat_template),
        )
        if value
    ]
    if chats:
        return failed(
            "A base model is asked to chat.",
            proof,
            seen(f"{chats[0]} is set in the command"),
            remedy="Take the Instruct or Chat model of the family.",
        )
    if intent.command and " chat" in intent.command:
        return failed(
            "A base model is asked to chat.",
            proof,
            seen("the command starts a chat"),
            remedy="Take the Instruct or Chat model of the family.",
        )
    return warned(
        "It is a base model: it goes on with a text, and does not chat.",
        proof,
        remedy="For a chat take the Instruct model of the family.",
    )


def _says_its_size(snapshot: Snapshot) -> bool:
    """Say whether "base" is a size: so it is of BERT, T5 and models after them."""
    config = config_of(snapshot)
    if config is None:
        return False
    names = read_architecture(config).names
    writes = any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in names)
    return config.get("is_encoder_decoder") is True or (bool(names) and not writes)


def _words(*names: str | None) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        last = (name or "").rstrip("/").partition(" at ")[0].rpartition("/")[2].lower()
        found += last.replace("_", "-").replace(".", "-").replace(":", "-").split("-")
    return tuple(word for word in found if word)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def serve(model: str | None, **more: Any) -> Intent:
        return Intent(action=Action.SERVE, engine="vllm", model=model, **more)

    tools = serve("Qwen/Qwen3-8B-Base", tool_parser="hermes")
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=tools, says="asked to chat")
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=serve("Qwen/Qwen3-8B-Base"))
    cached = folder(config=LLAMA, snapshot_of="Qwen/Qwen3-8B-Base at 0123")
    yield Example(outcome=Outcome.WARN, snapshot=world(cached), intent=serve("/cache/0123"))
    chat = Intent(
        action=Action.GENERATE, model="./Llama-base", command="transformers chat ./Llama-base"
    )
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=chat)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve("Qwen/Qwen3-8B"))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=serve("x/Base-7B-Instruct"))
    bert = world(folder(config={"architectures": ["BertModel"]}))
    yield Example(outcome=Outcome.SKIP, snapshot=bert, intent=serve("bge-base"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve(None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="does not apply")
