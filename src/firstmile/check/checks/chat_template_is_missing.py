"""A model that is served for chats, or whose script applies a chat template, has one.

Why: the template turns messages into the text that the model was trained on. A server without one
starts, and answers the first chat with an error ("default chat template is no longer allowed",
"tokenizer.chat_template is not set"); llama.cpp falls back to the form of another model in
silence. Base models have none; a fine-tune loses it when only weights and tokenizer.json are
copied.

Fix: copy chat_template.jinja (or tokenizer_config.json) of the model that this one was made from,
or name a template in the command. A base model is asked through /v1/completions.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.chat_templates import chosen, is_named_for_chats, unreadable
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.template_worlds import chatml, template, tokenizer
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
from firstmile.check.worlds import file, folder, world
from firstmile.facts.model_folder.folder import Document, Gguf, ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence, Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="tokenizer/control-token",
    entries=("chat-template-is-not-set", "base-model-is-asked-to-chat"),
    references=("https://huggingface.co/docs/transformers/main/en/chat_templating",),
)
_APPLIED: Final = "apply_chat_template"
_FILES: Final = "chat_template.jinja or tokenizer_config.json"
_FLAGS: Final = {"llama.cpp": "--chat-template-file"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a template where a server is started."""
    templated = next((one for one in intent.arguments if one.name == _APPLIED), None)
    if not intent.serves and templated is None:
        return does_not_apply("no server is started, and no script read that applies a template")
    if intent.chat_template is not None:
        return does_not_apply("the command names a chat template of its own")
    if intent.engine == "ollama":
        return does_not_apply("Ollama reads the template of its Modelfile")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    why = model.why_not("templates")
    if why is not None:
        return not_known(f"the chat templates: {why}")
    if model.kind == "adapter":
        return does_not_apply("an adapter is served with its base's template")
    if model.kind == "gguf" and not model.ggufs:
        return not_known("the metadata of the GGUF file")
    if model.templates:
        found = chosen(model)
        where = seen(found.path) if found is not None else seen(model.templates[0].path)
        return passed("The folder has a chat template.", where)
    broken = unreadable(model)
    if broken is not None:
        return not_known(f"the chat templates: {broken} cannot be read")
    kind = model.tokenizer.kind if model.tokenizer is not None else None
    if kind == "tekken" or model.file("tekken.json") is not None:
        return does_not_apply("mistral-common writes the chats of tekken models itself")
    if templated is not None and not intent.serves:
        return failed(
            "The folder has no chat template, and the script applies one.",
            seen(templated.written),
            _nowhere(model),
            remedy="Copy chat_template.jinja or tokenizer_config.json of the family's Instruct "
            "model into the folder, or give apply_chat_template(..., chat_template=TEXT).",
        )
    flag = _FLAGS.get(intent.engine or "", "--chat-template")
    asked = intent.tool_choice or intent.tool_parser or intent.reasoning_parser
    certain = bool(asked) or is_named_for_chats(model, intent)
    say = failed if certain else warned
    what = "GGUF file" if model.kind == "gguf" else "folder"
    copied = f"Copy {_FILES} of the model that this one was made from into the folder, or add"
    return say(
        f"The {what} has no chat template, and chats with this server will fail."
        if certain
        else f"The {what} has no chat template: as it is, the server can only complete texts.",
        _nowhere(model),
        remedy=f"{'Add' if model.kind == 'gguf' else copied} {flag} FILE.jinja"
        f"{', of the model that this one was converted from' if model.kind == 'gguf' else ''}; "
        "ask a base model through /v1/completions.",
    )


def _nowhere(model: ModelFolder) -> Evidence:
    """Quote where a template would stand."""
    if model.kind == "gguf":
        return seen("no tokenizer.chat_template among its settings", file=model.ggufs[0].path)
    return seen("no chat_template.jinja, and no chat_template in tokenizer_config.json")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def serving(**settings: Any) -> Intent:
        return Intent(**({"action": Action.SERVE, "engine": "vllm"} | settings))

    bare = world(folder(tokenizer=tokenizer()))
    yield Example(outcome=Outcome.WARN, snapshot=bare, intent=serving(model="m"), says="complete")
    applied = Argument(written="apply_chat_template", name=_APPLIED, value="")
    script = Intent(action=Action.FINE_TUNE, engine="trl", arguments=(applied,))
    yield Example(outcome=Outcome.FAIL, snapshot=bare, intent=script, says="the script applies")
    instruct = serving(model="owner/Model-8B-Instruct")
    yield Example(outcome=Outcome.FAIL, snapshot=bare, intent=instruct, says="will fail")
    yield Example(outcome=Outcome.FAIL, snapshot=bare, intent=serving(tool_choice=True))
    yield Example(outcome=Outcome.SKIP, snapshot=bare, intent=serving(chat_template="x.jinja"))
    yield Example(outcome=Outcome.SKIP, snapshot=bare, says="does not apply")
    whole = world(folder(templates=(template(chatml),)))
    yield Example(outcome=Outcome.PASS, snapshot=whole, intent=serving())
    yield Example(outcome=Outcome.PASS, snapshot=whole, intent=script)
    tekken = world(folder(files=[file("tekken.json")]))
    yield Example(outcome=Outcome.SKIP, snapshot=tekken, intent=instruct, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serving(), says="not known")

    def gguf(problem: str | None = None) -> Snapshot:
        one = Gguf(
            path="m.gguf",
            size_bytes=3000,
            version=3,
            big_endian=False,
            metadata={},
            tensors=(),
            data_start=0,
            problem=problem,
        )
        return world(folder(kind="gguf", ggufs=(one,), files=[file("m.gguf", looks="gguf")]))

    llama = serving(engine="llama.cpp", model="m.gguf")
    yield Example(outcome=Outcome.WARN, snapshot=gguf(), intent=llama, says="GGUF file has no")
    cut = gguf("its header states an array of 16,000 bytes, and the file has 3,000")
    yield Example(outcome=Outcome.SKIP, snapshot=cut, intent=llama, says="m.gguf cannot be read")
    broken = Document(path="tokenizer_config.json", value=None, problem="no JSON")
    mute = world(replace(folder(), documents={"tokenizer_config.json": broken}))
    yield Example(outcome=Outcome.SKIP, snapshot=mute, intent=instruct, says="cannot be read")
