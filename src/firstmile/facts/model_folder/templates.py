"""The chat templates of a model folder, and what comes out of them.

transformers takes `chat_template.jinja` before `chat_template.json` and before the entry of
`tokenizer_config.json`; further templates by name stand in `additional_chat_templates/`, or in
that entry as a list. GGUF files carry theirs in their metadata, a Modelfile one in the language
of Go, which is not rendered.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Final

import msgspec

from firstmile.errors import pip_install
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.child import MIB, Child, Limits, Reply
from firstmile.facts.model_folder.folder import Document, File, Gguf, Rendered, Template
from firstmile.facts.model_folder.source import Source
from firstmile.facts.model_folder.special_tokens import SPECIAL_TOKENS, content_of
from firstmile.redaction import redact

LARGEST: Final = 512 * 1024
MOST: Final = 12
"""Templates of one folder that are looked at."""
NOT_INSTALLED: Final = f"the library jinja2 is not installed: {pip_install('check')}"
OF_GO: Final = "it is written for Ollama in the template language of Go, which is not rendered"
LIMITS: Final = Limits(wall_seconds=6, cpu_seconds=3, memory_bytes=256 * MIB, answer_bytes=8 * MIB)
NOT_TRIED: Final = "another template of the folder took too much, so that this one was not tried"

_FILE: Final = "chat_template.jinja"
_JSON: Final = "chat_template.json"
_CONFIG: Final = "tokenizer_config.json"
_MORE: Final = "additional_chat_templates/"
_GGUF_KEY: Final = "tokenizer.chat_template"
_MODELFILE: Final = "Modelfile"
_ENGINE: Final = "firstmile.facts.model_folder.templating"


class _Found(msgspec.Struct, frozen=True):
    """A template's name, the file that it stands in, and its text, or why that is unreadable."""

    name: str
    path: str
    text: str
    problem: str | None = None


def read_templates(
    source: Source,
    files: tuple[File, ...],
    documents: Mapping[str, Document],
    ggufs: tuple[Gguf, ...] = (),
) -> tuple[Template, ...]:
    """Return all templates, rendered where they can be; those that engines take first lead."""
    found = list(_found(source, files, documents, ggufs))[:MOST]
    return (*_rendered(found, _variables(documents)), *_of_modelfile(documents))


def _variables(documents: Mapping[str, Document]) -> dict[str, str]:
    trees = [
        document.value
        for path in (_CONFIG, "special_tokens_map.json")
        if (document := documents.get(path)) is not None and document.value is not None
    ]
    found: dict[str, str] = {}
    for tree in trees:
        for name in SPECIAL_TOKENS:
            content = content_of(tree.get(name))
            if content is not None:
                found.setdefault(name, content)
    return found


def _found(
    source: Source,
    files: tuple[File, ...],
    documents: Mapping[str, Document],
    ggufs: tuple[Gguf, ...],
) -> Iterator[_Found]:
    paths = [file.path for file in files if file.kind in ("file", "link")]
    if _FILE in paths:
        yield _file("default", _FILE, source)
    for path in paths:
        if path.startswith(_MORE) and path.endswith(".jinja"):
            yield _file(path.removeprefix(_MORE).removesuffix(".jinja"), path, source)
    for path in (_JSON, _CONFIG):
        document = documents.get(path)
        stated = document.value.get("chat_template") if document and document.value else None
        yield from _named(stated, path)
    for gguf in ggufs:
        for key, value in gguf.metadata.items():
            if key.startswith(_GGUF_KEY) and isinstance(value, str):
                name = key.removeprefix(_GGUF_KEY).lstrip(".") or "default"
                yield _Found(name, gguf.path, value[:LARGEST])


def _file(name: str, path: str, source: Source) -> _Found:
    try:
        return _Found(name, path, source.text(path, most=LARGEST))
    except UnreadableError as error:
        return _Found(name, path, "", str(error))


def _named(stated: Any, path: str) -> Iterator[_Found]:
    if isinstance(stated, str):
        yield _Found("default", path, stated[:LARGEST])
    for each in stated if isinstance(stated, list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("template"), str):
            yield _Found(str(each.get("name", ""))[:100], path, each["template"][:LARGEST])


def _rendered(found: list[_Found], variables: Mapping[str, str]) -> Iterator[Template]:
    """Render each text once, two at a time, however often it stands in the folder."""
    missing = NOT_INSTALLED if find_spec("jinja2") is None else None
    replies: dict[bytes, Reply] = {}
    asked = [_question(one, variables) for one in found]
    questions = list(
        dict.fromkeys(
            question
            for one, question in zip(found, asked, strict=True)
            if not (missing or one.problem)
        )
    )
    for place in range(0, len(questions), 2):
        running = [(each, Child(_ENGINE, each, LIMITS)) for each in questions[place : place + 2]]
        replies.update((each, child.reply()) for each, child in running)
        if any(replies[each].ended for each, _ in running):
            missing = NOT_TRIED
            break
    for one, question in zip(found, asked, strict=True):
        reply = replies.get(question)
        if reply is None:
            problem = redact(one.problem).text if one.problem else missing
            source = redact(one.text).text
            yield Template(name=one.name, path=one.path, source=source, problem=problem)
        else:
            yield _template(one, reply)


def _question(one: _Found, variables: Mapping[str, str]) -> bytes:
    """Return what a child is asked. llama.cpp gives a template both tokens, were they empty."""
    given = {"bos_token": "", "eos_token": ""} if one.path.endswith(".gguf") else {}
    return json.dumps({"source": one.text, "variables": {**given, **variables}}).encode()


def _template(one: _Found, reply: Reply) -> Template:
    rendered: list[Rendered] = []
    problem = reply.ended
    wants_parts = False
    for line in reply.said.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:
            break
        if "wants_parts" in answer:
            wants_parts = True
            continue
        if "problem" in answer:
            problem = redact(answer["problem"]).text
            break
        rendered.append(
            Rendered(
                conversation=answer["conversation"],
                text=None if answer["text"] is None else redact(answer["text"]).text,
                refused=redact(answer["refused"]).text if "refused" in answer else None,
            )
        )
    return Template(
        name=one.name,
        path=one.path,
        source=redact(one.text).text,
        rendered=tuple(rendered),
        problem=problem,
        engine="jinja2",
        wants_parts=wants_parts,
    )


def _of_modelfile(documents: Mapping[str, Document]) -> Iterator[Template]:
    document = documents.get(_MODELFILE)
    stated = document.value.get("TEMPLATE") if document and document.value else None
    if isinstance(stated, str):
        source = redact(stated[:LARGEST]).text
        yield Template(name="default", path=_MODELFILE, source=source, problem=OF_GO)
