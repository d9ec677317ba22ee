"""What checks of chat templates share: which template counts, and pieces of what it wrote."""

import re
from typing import Final

from firstmile.check.gguf_files import PART
from firstmile.check.intent import Action, Intent
from firstmile.check.verdicts import Verdict, does_not_apply, not_known
from firstmile.facts.model_folder.conversations import ANSWERED, ASKED
from firstmile.facts.model_folder.folder import ModelFolder, Template
from firstmile.facts.snapshot import Snapshot

ENGINES_OF_GGUF: Final = ("llama.cpp", "ollama")
_STATING: Final = ("tokenizer_config.json", "chat_template.json")
"""Documents of a folder that a chat template may stand in."""
_CHATTY: Final = re.compile(r"(?i)(?:^|[-_/. ])(?:instruct|chat|it|sft|dpo)(?:[-_/. ]|$)")


def template_of(snapshot: Snapshot, intent: Intent, *, tools: bool = False) -> Template | Verdict:
    """Return the template that the run would use, rendered; else a verdict that skips."""
    found = stated_template(snapshot, intent, tools=tools)
    if isinstance(found, Verdict):
        return found
    if found.engine is None:
        return not_known(f"what the template writes: {found.problem}")
    plain = found.of("plain")
    if plain is not None and "_token' is undefined" in (plain.refused or ""):
        return not_known("the special tokens that the template asks for")
    if not found.rendered:
        return does_not_apply("the template cannot be rendered at all, which another check says")
    return found


def stated_template(
    snapshot: Snapshot, intent: Intent, *, tools: bool = False
) -> Template | Verdict:
    """Return the template that the run would use, rendered or not; else a verdict that skips."""
    if intent.chat_template is not None:
        return does_not_apply("the command names a chat template of its own")
    if intent.action is Action.CONVERT:
        return does_not_apply("nobody chats with a model that is converted")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    why = model.why_not("templates")
    if why is not None:
        return not_known(f"the chat templates: {why}")
    found = chosen(model, tools=tools)
    if found is None and (broken := unreadable(model)) is not None:
        return not_known(f"the chat templates: {broken} cannot be read")
    return does_not_apply("the folder has no chat template") if found is None else found


def unreadable(model: ModelFolder) -> str | None:
    """Return a file that may hold the chat template and cannot be read, or None.

    Of a GGUF model in parts the first one holds it.
    """
    for one in model.ggufs if model.kind == "gguf" else ():
        part = PART.fullmatch(one.path)
        if one.problem is not None and (part is None or int(part[2]) == 1):
            return one.path
    stated = (model.documents.get(name) for name in _STATING)
    return next((one.path for one in stated if one is not None and one.problem), None)


def chosen(model: ModelFolder, *, tools: bool = False) -> Template | None:
    """Return the template that engines take: by name, the file that goes first before others.

    With tools, transformers takes the one named "tool_use" where there is one.
    """
    inside = model.kind == "gguf"
    candidates = [
        one
        for one in model.templates
        if one.path.endswith(".gguf") == inside and one.path != "Modelfile"
    ]
    for name in ("tool_use", "default") if tools else ("default",):
        for one in candidates:
            if one.name == name:
                return one
    return candidates[0] if len(candidates) == 1 else None


def text_of(template: Template, conversation: str) -> str | None:
    """Return what a template made of a conversation; None where it refused or was not tried."""
    found = template.of(conversation)
    return None if found is None else found.text


def after_the_answer(template: Template) -> str | None:
    """Return what is written after an assistant's text, up to the end of the conversation."""
    text = text_of(template, "answered")
    if text is None or ANSWERED not in text:
        return None
    return text.rpartition(ANSWERED)[2]


def before_the_answer(template: Template) -> str | None:
    """Return what stands between the user's text and the assistant's."""
    text = text_of(template, "answered")
    if text is None or ASKED not in text or ANSWERED not in text:
        return None
    return text.partition(ASKED)[2].partition(ANSWERED)[0]


def chats(intent: Intent) -> bool:
    """Say whether a run is one in which somebody will chat: a server, or text that is asked for."""
    return intent.action in (Action.SERVE, Action.GENERATE)


def is_named_for_chats(model: ModelFolder, intent: Intent) -> bool:
    """Say whether a model is named as made to chat: ...-Instruct, ...-chat, ...-it."""
    names = (intent.model, model.path, model.snapshot_of)
    return any(_CHATTY.search(name) is not None for name in names if name is not None)
