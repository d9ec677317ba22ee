"""Chat templates: where they stand, what they write, and what hostile ones come to."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from firstmile.facts.model_folder import templates
from firstmile.facts.model_folder.conversations import (
    ANSWERED,
    ASKED,
    CONVERSATIONS,
    SPECIAL,
    THOUGHT,
    TOOL_NAME,
)
from firstmile.facts.model_folder.folder import Gguf, Template
from firstmile.facts.model_folder.reading import read_model_folder
from firstmile.facts.model_folder.source import Source
from firstmile.facts.model_folder.templates import read_templates

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def read(place: Path, files: dict[str, Any]) -> tuple[Template, ...]:
    """Write files (trees as JSON), and return the folder's templates."""
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_model_folder(place).templates


def one(place: Path, source: str, **tokens: str) -> Template:
    """Return the only template of a folder that states it in its tokenizer's config."""
    (found,) = read(place, {"tokenizer_config.json": {"chat_template": source, **tokens}})
    return found


def written(found: Template, conversation: str) -> str:
    """Return what a template made of a conversation."""
    rendered = found.of(conversation)
    assert rendered is not None
    assert rendered.text is not None, rendered.refused
    return rendered.text


def test_a_template_is_rendered_over_all_conversations(tmp_path: Path) -> None:
    found = one(tmp_path, CHATML)
    assert [each.conversation for each in found.rendered] == list(CONVERSATIONS)
    assert (found.engine, found.problem) == ("jinja2", None)
    prompt = f"<|im_start|>user\n{ASKED}<|im_end|>\n"
    assert written(found, "plain without prompt") == prompt
    assert written(found, "plain") == f"{prompt}<|im_start|>assistant\n"
    assert SPECIAL in written(found, "special characters")


def test_blocks_are_trimmed_as_transformers_does(tmp_path: Path) -> None:
    source = (
        "{% for m in messages %}\n    {% if m.role == 'user' %}\nU{{ m.content }}\n{% endif %}\n"
    )
    assert written(one(tmp_path, source + "{% endfor %}\n"), "plain") == f"U{ASKED}\n"


def test_functions_of_transformers_are_there(tmp_path: Path) -> None:
    source = (
        "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}"
        "{% if loop.index > 1 %}{% break %}{% endif %}{% generation %}{{ m.role }}"
        "{% endgeneration %}{% endfor %}{{ strftime_now('%d %b %Y') }} {{ ns.n }} "
        "{{ {'a': '<é>'} | tojson }}{{ tools | tojson(indent=1) if tools else '' }}"
    )
    found = one(tmp_path, source)
    assert written(found, "plain") == 'user01 Jan 2026 1 {"a": "<é>"}'
    assert TOOL_NAME in written(found, "tools")


def test_special_tokens_of_the_config_reach_the_template(tmp_path: Path) -> None:
    found = one(tmp_path, "{{ bos_token + messages[0].content + eos_token }}", bos_token="<b>")
    assert "'eos_token' is undefined" in (found.rendered[0].refused or "")
    both = one(tmp_path, "{{ bos_token + eos_token }}", bos_token="<b>", eos_token="</b>")
    assert written(both, "plain") == "<b></b>"


def test_a_refusal_is_kept_with_its_words(tmp_path: Path) -> None:
    source = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}"
        "{% endif %}{{ messages[0].content }}"
    )
    found = one(tmp_path, source)
    assert written(found, "plain") == ASKED
    refused = found.of("system")
    assert refused is not None
    assert refused.text is None
    assert refused.refused == "TemplateError: System role not supported"


def test_a_template_of_parts_alone_is_given_parts(tmp_path: Path) -> None:
    source = "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}"
    found = one(tmp_path, source)
    assert found.wants_parts
    assert written(found, "answered") == ASKED + ANSWERED
    assert not one(tmp_path, CHATML).wants_parts


def test_thinking_is_switched_and_reasoning_handed_over(tmp_path: Path) -> None:
    source = (
        "{% for m in messages %}{{ m.reasoning_content or '' }}{% endfor %}"
        "{{ 'no' if enable_thinking is false else 'yes' }}"
    )
    found = one(tmp_path, source)
    assert written(found, "thinking off") == "no"
    assert written(found, "thinking on") == "yes"
    assert THOUGHT in written(found, "reasoning in the history")


def test_the_file_leads_before_the_config_and_names_are_kept(tmp_path: Path) -> None:
    named = [{"name": "default", "template": "a"}, {"name": "tool_use", "template": "b"}]
    found = read(
        tmp_path,
        {
            "chat_template.jinja": "c",
            "additional_chat_templates/rag.jinja": "d",
            "chat_template.json": {"chat_template": "e"},
            "tokenizer_config.json": {"chat_template": named},
        },
    )
    assert [(each.name, each.path, each.source) for each in found] == [
        ("default", "chat_template.jinja", "c"),
        ("rag", "additional_chat_templates/rag.jinja", "d"),
        ("default", "chat_template.json", "e"),
        ("default", "tokenizer_config.json", "a"),
        ("tool_use", "tokenizer_config.json", "b"),
    ]


def test_one_text_in_several_files_is_rendered_for_each(tmp_path: Path) -> None:
    files = {"chat_template.jinja": CHATML, "tokenizer_config.json": {"chat_template": CHATML}}
    first, second = read(tmp_path, files)
    assert first.rendered == second.rendered
    assert first.path != second.path


def test_a_gguf_file_hands_its_templates_over_with_tokens_that_are_empty(tmp_path: Path) -> None:
    metadata = {
        "tokenizer.chat_template": "{{ bos_token + messages[0].content }}",
        "tokenizer.chat_template.tool_use": "b",
        "tokenizer.ggml.tokens": 3,
    }
    file = Gguf(path="m.gguf", size_bytes=9, version=3, metadata=metadata, tensors=(), data_start=0)
    first, second = read_templates(Source(tmp_path), (), {}, (file,))
    assert (first.name, first.path, second.name) == ("default", "m.gguf", "tool_use")
    assert written(first, "plain") == ASKED


def test_a_modelfile_is_shown_and_not_rendered(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {"Modelfile": 'FROM x.gguf\nTEMPLATE """{{ .Prompt }}"""\n'})
    assert (found.path, found.source) == ("Modelfile", "{{ .Prompt }}")
    assert found.rendered == ()
    assert found.engine is None


def test_a_file_that_is_no_text_is_a_problem_of_that_template(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_bytes(b"\xff\xfe{{ messages }}")
    found = read(tmp_path, {"tokenizer_config.json": {"chat_template": CHATML}})
    assert "not UTF-8" in (found[0].problem or "")
    assert found[1].rendered


def test_a_missing_engine_is_said_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "find_spec", lambda _: None)
    found = one(tmp_path, CHATML)
    assert 'pip install "firstmile[check]"' in (found.problem or "")
    assert found.engine is None


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{% for m in messages %}{{ m.content }", "TemplateSyntaxError"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "RecursionError"),
        ("{% for i in range(99999) %}{{ 'abcdefghij' * 100 }}{% endfor %}", "characters"),
    ],
)
def test_a_template_that_cannot_be_rendered_says_why(
    tmp_path: Path, source: str, says: str
) -> None:
    assert says in (one(tmp_path, source).problem or "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limits on a process")
def test_a_bomb_of_time_is_ended(tmp_path: Path) -> None:
    loops = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    assert "more than" in (one(tmp_path, loops).problem or "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limits on a process")
def test_after_a_template_that_had_to_be_ended_no_further_one_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "LIMITS", replace(templates.LIMITS, cpu_seconds=1))
    bomb = "{{ 9 ** (9 ** 9) }}"
    more = {f"additional_chat_templates/t{number}.jinja": f"{bomb}{number}" for number in range(4)}
    found = read(tmp_path, {"chat_template.jinja": bomb, **more})
    untried = [each.problem == templates.NOT_TRIED for each in found]
    assert untried == [False, False, True, True, True]
    assert all(each.engine is None for each in found[2:])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limits on a process")
def test_a_bomb_of_memory_is_refused(tmp_path: Path) -> None:
    found = one(tmp_path, "{{ messages[0].content * 10**9 }}")
    assert "MemoryError" in (found.rendered[0].refused or found.problem or "")


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10**9) %}x{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ messages.append(1) }}",
        "{% set ns = namespace(_a=1) %}{{ ns._a }}",
        "{% include '/etc/hostname' %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    ],
)
def test_an_attack_is_refused_and_runs_nothing(tmp_path: Path, source: str) -> None:
    found = one(tmp_path, source)
    assert found.rendered
    assert all(each.text is None and each.refused for each in found.rendered)


def test_secrets_in_a_template_are_not_kept(tmp_path: Path) -> None:
    secret = "hf_" + "Qx7" * 12
    found = one(tmp_path, "Use " + secret + " {{ messages[0].content }}")
    assert secret not in found.source
    assert secret not in written(found, "plain")
