"""Chat templates for the examples of checks, written as functions over a conversation."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from firstmile.facts.model_folder.conversations import CONVERSATIONS
from firstmile.facts.model_folder.folder import AddedToken, Rendered, Template, Tokenizer

Write = Callable[[Mapping[str, Any]], str]


class RefusedError(Exception):
    """What a template raises that does not take a conversation."""


def template(
    write: Write,
    *,
    name: str = "default",
    path: str = "tokenizer_config.json",
    source: str = "{{ messages }}",
) -> Template:
    """Return a template with what a function makes of each conversation."""
    rendered = []
    for title, conversation in CONVERSATIONS.items():
        try:
            rendered.append(Rendered(conversation=title, text=write(conversation)))
        except RefusedError as error:
            refused = f"TemplateError: {error}"
            rendered.append(Rendered(conversation=title, text=None, refused=refused))
    return Template(name=name, path=path, source=source, rendered=tuple(rendered), engine="jinja2")


def broken(problem: str, *, path: str = "tokenizer_config.json", tried: bool = True) -> Template:
    """Return a template that could not be rendered, or was not."""
    return Template(
        name="default",
        path=path,
        source="{{",
        problem=problem,
        engine="jinja2" if tried else None,
    )


def chatml(
    conversation: Mapping[str, Any],
    *,
    start: str = "",
    without: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
    prompt: str | None = "<|im_start|>assistant\n",
    tools: bool = True,
    thinks: str = "",
) -> str:
    """Write a conversation as Qwen's and many other models want it.

    Messages of the roles `without` are passed over, those `renamed` come under another name.
    `thinks` is what the prompt goes on with.
    """
    parts = [start]
    if tools and conversation.get("tools"):
        stated = json.dumps(conversation["tools"][0])
        parts.append(f"<|im_start|>system\n<tools>\n{stated}\n</tools><|im_end|>\n")
    for message in conversation["messages"]:
        role, content = message["role"], message["content"]
        if role in without:
            continue
        if isinstance(content, list):
            content = "".join(part["text"] for part in content)
        for call in message.get("tool_calls", ()):
            if tools:
                stated = json.dumps(call["function"]["arguments"], ensure_ascii=False)
                content += f"<tool_call>\n{call['function']['name']} {stated}\n</tool_call>"
        name = (renamed or {}).get(role, role)
        parts.append(f"<|im_start|>{name}\n{content}<|im_end|>\n")
    if conversation["add_generation_prompt"] and prompt is not None:
        parts.append(prompt + thinks)
    return "".join(parts)


def inst(conversation: Mapping[str, Any]) -> str:
    """Write a conversation as the first Mistral models want it: in turns, without a system."""
    parts = ["<s>"]
    for place, message in enumerate(conversation["messages"]):
        expected = "assistant" if place % 2 else "user"
        if message["role"] != expected or not isinstance(message["content"], str):
            raise RefusedError("Conversation roles must alternate user/assistant/user/assistant")
        content = message["content"]
        parts.append(f"[INST] {content} [/INST]" if expected == "user" else f"{content}</s>")
    return "".join(parts)


def lacking_a_token(conversation: Mapping[str, Any]) -> str:
    """Refuse a conversation as a template does whose folder names no start token."""
    raise RefusedError("'bos_token' is undefined")


CHATML_TOKENS: Final = (
    AddedToken(id=151643, content="<|endoftext|>", special=True),
    AddedToken(id=151644, content="<|im_start|>", special=True),
    AddedToken(id=151645, content="<|im_end|>", special=True),
)


def tokenizer(
    added: Sequence[AddedToken] = CHATML_TOKENS,
    *,
    size: int = 151646,
    path: str = "tokenizer.json",
    kind: str = "tokenizer.json",
    loads: bool | None = True,
    **parts: Any,
) -> Tokenizer:
    """Return a tokenizer; `parts` are further fields of Tokenizer."""
    stated: dict[str, Any] = {
        "algorithm": "BPE",
        "base_size": size - len(added),
        "tried_with": "0.22.1",
    }
    return Tokenizer(
        path=path, kind=kind, size=size, added=tuple(added), loads=loads, **(stated | parts)
    )
