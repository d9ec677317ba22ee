"""A model that is to chat was tuned to follow instructions.

Why: a base model goes on with a text; it does not answer. Asked to chat it repeats the question,
writes both sides of a talk, or never ends. Some bring a chat template all the same (Qwen2.5,
Qwen3), so that nothing fails. Their names end in "-Base", or lack the "-Instruct", "-Chat" or "-it"
of their family: Llama-2-7b, Qwen2.5-7B, Mistral-7B-v0.1, gemma-2-9b.

Fix: take the Instruct or Chat model of the family, or use completions with a prompt to go on from.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.command import program_of
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.model_sizes import config_of
from firstmile.check.training_worlds import started_by
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
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
_PLAIN: Final = re.compile(
    r"(?:meta-)?llama-?[23](?:-[1-3])?-[0-9]+b(?:-hf)?|codellama-[0-9]+b(?:-python)?(?:-hf)?"
    r"|qwen(?:1-5|2|2-5)?(?:-coder|-math|-moe)?(?:-[0-9]+)?-[0-9]+(?:-[0-9]+)?b"
    r"|mistral-7b-v0-[1-3]|mixtral-8x(?:7|22)b-v0-1|gemma-(?:1-1-|2-)?[0-9]+b|gemma-3-[0-9]+b-pt"
    r"|yi(?:-1-5)?-[0-9]+b|falcon-[0-9]+b|internlm(?:2(?:-5)?)?-[0-9]+(?:-[0-9]+)?b"
)
"""Names of families that call the tuned model by one more word; Qwen3 calls the base so."""
_CHATTING: Final = re.compile(r"(?:example_(?:chat_completion|instructions)|(?:cli|web)_demo)\.py")
_TUNED: Final = ("instruct", "chat", "it", "sft", "dpo", "rlhf", "thinking")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the name of the model beside signs that it is to chat."""
    if intent.trains or intent.action not in (Action.SERVE, Action.GENERATE):
        return does_not_apply("nobody is to chat with it")
    names = _names(intent.model, snapshot.model.snapshot_of if snapshot.model else None)
    words = tuple(word for name in names for word in name.split("-") if word)
    if not words:
        return not_known("the name of the model")
    proof = seen(f"model = {intent.model or (snapshot.model and snapshot.model.snapshot_of)}")
    if any(word in _TUNED for word in words):
        return passed("Its name says that it was tuned to follow instructions.", proof)
    named = any(word in _BASE for word in words)
    plain = next((one for one in names if _PLAIN.fullmatch(one)), None)
    if (not named and plain is None) or _says_its_size(snapshot):
        return does_not_apply("its name does not say that it is a base model")
    asks = _asks_to_chat(intent)
    if not named and asks is None:
        return does_not_apply("nobody is known to chat with it")
    if asks is not None:
        return warned(
            "A base model is asked to chat.",
            proof,
            seen(asks),
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


def _asks_to_chat(intent: Intent) -> str | None:
    """Return what shows that somebody will chat, or None where nothing does."""
    for name in ("tool_parser", "reasoning_parser", "chat_template"):
        if getattr(intent, name):
            return f"{name} is set in the command"
    templated = next((one for one in intent.arguments if one.name == "apply_chat_template"), None)
    if templated is not None:
        return templated.written
    if intent.script_arguments[:1] == ("chat",):
        return "the command starts a chat"
    script = _CHATTING.fullmatch(program_of(intent.script or ""))
    return f"{script[0]} is a chat" if script is not None else None


def _names(*names: str | None) -> tuple[str, ...]:
    """Return the last parts of names, in small letters and with hyphens alone."""
    found = []
    for name in names:
        last = (name or "").rstrip("/").partition(" at ")[0].rpartition("/")[2].lower()
        found.append(last.replace("_", "-").replace(".", "-").replace(":", "-"))
    return tuple(name for name in found if name)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def serve(model: str | None, **more: Any) -> Intent:
        return Intent(action=Action.SERVE, engine="vllm", model=model, **more)

    tools = serve("Qwen/Qwen3-8B-Base", tool_parser="hermes")
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=tools, says="asked to chat")
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=serve("Qwen/Qwen3-8B-Base"))
    cached = folder(config=LLAMA, snapshot_of="Qwen/Qwen3-8B-Base at 0123")
    yield Example(outcome=Outcome.WARN, snapshot=world(cached), intent=serve("/cache/0123"))
    chat = Intent(
        action=Action.GENERATE, model="./Llama-base", **started_by("transformers chat ./Llama-base")
    )
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=chat)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve("Qwen/Qwen3-8B"))
    plain = serve("Qwen/Qwen2.5-7B", tool_parser="hermes")
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=plain)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve("Qwen/Qwen2.5-7B"))
    script = started_by("python example_chat_completion.py --ckpt_dir llama-2-7b/")
    meta = Intent(action=Action.GENERATE, model="llama-2-7b/", **script)
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=meta, says="asked to chat")
    tuned = Intent(action=Action.GENERATE, model="llama-2-7b-chat/", **script)
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=tuned)
    templated = Argument(written="apply_chat_template", name="apply_chat_template", value="")
    mistral = Intent(
        action=Action.GENERATE, model="mistralai/Mistral-7B-v0.1", arguments=(templated,)
    )
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=mistral)
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=serve("x/Base-7B-Instruct"))
    bert = world(folder(config={"architectures": ["BertModel"]}))
    yield Example(outcome=Outcome.SKIP, snapshot=bert, intent=serve("bge-base"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve(None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="does not apply")
