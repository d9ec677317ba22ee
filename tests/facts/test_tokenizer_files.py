"""Tokenizer files: what they state, what loading shows, and what hostile ones come to."""

import base64
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder import tokenizer_file
from firstmile.facts.model_folder.child import Child, Limits
from firstmile.facts.model_folder.folder import ModelFolder, Tokenizer
from firstmile.facts.model_folder.reading import read_model_folder
from firstmile.facts.model_folder.sentencepiece_file import read_pieces
from firstmile.facts.model_folder.tokenizer_file import limits_of
from firstmile.facts.model_folder.tokenizer_json import (
    added_around,
    named_steps,
    read_tokenizer_json,
)

BYTES = [chr(each) for each in range(33, 127)]
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 9085657\n"


def tokenizer_json(**changes: Any) -> dict[str, Any]:
    """Return a small tokenizer.json of the kind that engines read."""
    vocab = {text: place for place, text in enumerate([*BYTES, "Ġ", "Ċ"])}
    end = len(vocab)
    tree = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [token(end, "<s>"), token(end + 1, "</s>")],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "<s>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [end], "tokens": ["<s>"]}},
        },
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
        "model": {"type": "BPE", "vocab": vocab, "merges": []},
    }
    return tree | changes


def token(id_: int, content: str) -> dict[str, Any]:
    """Return an added token as tokenizer.json states one."""
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": id_, "content": content, "special": True, **flags}


def folder(place: Path, **files: str | bytes) -> ModelFolder:
    """Write files and read the folder; two underscores in a name stand for a dot."""
    for name, content in files.items():
        path = place / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_model_folder(place)


def read(place: Path, **files: str | bytes) -> Tokenizer:
    """Return the tokenizer of a folder with these files."""
    found = folder(place, **files).tokenizer
    assert found is not None
    return found


def piece(text: str, kind: int = 1) -> bytes:
    """Return a piece of a SentencePiece model."""
    data = text.encode()
    inner = b"\x0a" + bytes([len(data)]) + data + b"\x15\x00\x00\x00\x00"
    if kind != 1:
        inner += b"\x18" + bytes([kind])
    return b"\x0a" + bytes([len(inner)]) + inner


PIECES = (
    piece("<unk>", 2)
    + piece("<s>", 3)
    + piece("</s>", 3)
    + piece("▁tree")
    + piece("<pad>", 4)
    + b"\x12\x05\x18\x02\x98\x02\x01"
)
"""Five pieces, and a trainer's settings: model_type 2, byte_fallback 1."""


def test_tokenizer_json_states_sizes_steps_and_what_is_added(tmp_path: Path) -> None:
    found = read(tmp_path, tokenizer__json=json.dumps(tokenizer_json()))
    end = len(BYTES) + 2
    assert (found.kind, found.algorithm, found.version) == ("tokenizer.json", "BPE", "1.0")
    assert (found.base_size, found.size) == (end, end + 2)
    assert (found.normalizer, found.pre_tokenizer) == ("NFC", "ByteLevel")
    assert found.id_of("</s>") == end + 1
    assert found.prefix == (end,)
    assert found.suffix == ()


def test_merges_as_pairs_and_as_texts_are_told_apart() -> None:
    model = tokenizer_json()["model"]
    for merges, pairs in ((["a b"], False), ([["a", "b"]], True), ([], None)):
        data = json.dumps(tokenizer_json(model={**model, "merges": merges}), indent=2).encode()
        assert read_tokenizer_json(data, "tokenizer.json", ()).merges_as_lists is pairs


def test_a_unigram_vocabulary_is_a_list_with_scores() -> None:
    model = {"unk_id": 0, "vocab": [["<unk>", 0.0], ["▁a", -1.5]]}
    data = json.dumps({"model": model, "added_tokens": None}).encode()
    found = read_tokenizer_json(data, "tokenizer.json", ("▁a",))
    assert (found.algorithm, found.size, found.named) == ("Unigram", 2, {"▁a": 1})


def test_steps_within_steps_are_named_in_order() -> None:
    inner = [{"type": "Split"}, {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}]}]
    assert named_steps({"type": "Sequence", "pretokenizers": inner}) == "Split, ByteLevel"
    assert named_steps(None) is None


def test_what_a_post_processor_adds_is_read_from_each_of_its_kinds() -> None:
    roberta = {"type": "RobertaProcessing", "cls": ["<s>", 0], "sep": ["</s>", 2]}
    assert added_around(roberta) == ((0,), (2,))
    assert added_around({"type": "Sequence", "processors": [{"type": "ByteLevel"}, roberta]}) == (
        (0,),
        (2,),
    )
    assert added_around({"type": "ByteLevel"}) == ((), ())


def test_ids_of_tokens_that_other_files_name_are_looked_up(tmp_path: Path) -> None:
    config = {"eos_token": {"content": "z"}, "bos_token": "absent"}
    found = read(
        tmp_path,
        tokenizer__json=json.dumps(tokenizer_json()),
        tokenizer_config__json=json.dumps(config),
    )
    assert found.id_of("z") == BYTES.index("z")
    assert found.id_of("absent") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (POINTER, "a pointer of Git LFS"),
        ("<!doctype html><title>Sign in</title>", "a web page"),
        ("", "empty"),
        ('{"model": {"type": "BPE", "vocab": {"a": 0}, "mer', "not the JSON of a tokenizer"),
        ('{"model": {"type": "BPE", "vocab": ["a", 0]}}', "not the JSON of a tokenizer"),
        ("[" * 100_000, "not the JSON of a tokenizer"),
        ('{"a": ' * 100_000, "not the JSON of a tokenizer"),
    ],
)
def test_a_file_that_is_no_tokenizer_says_why(tmp_path: Path, content: str, reason: str) -> None:
    found = read(tmp_path, tokenizer__json=content)
    assert found.loads is False
    assert reason in (found.refused or "")


def test_a_file_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer_file, "LARGEST", 1000)
    assert "larger than" in (read(tmp_path, tokenizer__json=" " * 1001).refused or "")


def test_sentencepiece_models_are_read_without_their_library(tmp_path: Path) -> None:
    found = read(tmp_path, tokenizer__model=PIECES)
    assert (found.kind, found.algorithm, found.size) == ("sentencepiece", "BPE", 5)
    assert found.byte_fallback is True
    contents = [(one.id, one.content, one.special) for one in found.added]
    assert contents == [
        (0, "<unk>", True),
        (1, "<s>", True),
        (2, "</s>", True),
        (4, "<pad>", False),
    ]


def test_a_cut_sentencepiece_model_says_that_it_is_cut() -> None:
    with pytest.raises(UnreadableError, match="cut"):
        read_pieces(PIECES[:20], ())


def test_a_sentencepiece_model_without_an_unknown_piece_is_refused_as_the_library_does() -> None:
    with pytest.raises(UnreadableError, match="what is unknown"):
        read_pieces(piece("<s>", 3) + piece("tree"), ())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_sentencepiece_model_or_refused(data: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        assert read_pieces(data, ("a",)).count > 0


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=6))
def test_any_tree_in_place_of_the_model_is_read_or_refused(model: Any) -> None:
    with contextlib.suppress(UnreadableError):
        read_tokenizer_json(json.dumps({"model": model}).encode(), "tokenizer.json", ())


def test_a_tokenizer_model_in_the_form_of_tiktoken_is_told_apart(tmp_path: Path) -> None:
    lines = [b"%s %d" % (base64.b64encode(bytes([each])), each) for each in range(256)]
    found = read(tmp_path, tokenizer__model=b"\n".join(lines))
    assert (found.kind, found.base_size) == ("tiktoken", 256)


def test_tekken_states_its_special_tokens(tmp_path: Path) -> None:
    config = {"default_vocab_size": 1000, "default_num_special_tokens": 100, "version": "v3"}
    special = [{"rank": 2, "token_str": "</s>", "is_control": True}]
    tree = {"config": config, "vocab": [], "special_tokens": special}
    found = read(tmp_path, tekken__json=json.dumps(tree))
    assert (found.kind, found.base_size, found.size) == ("tekken", 900, 1000)
    assert found.id_of("</s>") == 2


def test_further_files_of_the_folder_stand_beside_the_first(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        tokenizer__json=json.dumps(tokenizer_json()),
        tokenizer__model=PIECES,
        vocab__json='{"a": 0, "b": 7}',
        added_tokens__json='{"<new>": 98}',
    )
    assert found.kind == "tokenizer.json"
    assert [(one.path, one.size) for one in found.others] == [
        ("tokenizer.model", 5),
        ("vocab.json", 8),
        ("added_tokens.json", None),
    ]
    assert found.others[2].id_of("<new>") == 98


def test_a_folder_without_a_tokenizer_has_none(tmp_path: Path) -> None:
    assert folder(tmp_path, config__json="{}").tokenizer is None


def test_a_sound_tokenizer_loads_and_keeps_text(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    found = read(tmp_path, tokenizer__json=json.dumps(tokenizer_json()))
    assert found.loads is True
    assert found.tried_with
    assert found.prefix == (len(BYTES) + 2,)
    scripts = {one.script: one for one in found.round_trips}
    assert scripts["Thai"].back != scripts["Thai"].text
    assert len(scripts) == 13


def test_a_tokenizer_that_the_library_refuses_says_why(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    model = {**tokenizer_json()["model"], "merges": [["a", "not there"]]}
    found = read(tmp_path, tokenizer__json=json.dumps(tokenizer_json(model=model)))
    assert found.loads is False
    assert found.refused
    assert found.tried_with


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limits on a process")
def test_a_normalizer_that_writes_without_end_gets_what_its_small_file_is_worth(
    tmp_path: Path,
) -> None:
    longer = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 300}
    endless = {"type": "Sequence", "normalizers": [longer] * 9}
    found = read(tmp_path, tokenizer__json=json.dumps({**tokenizer_json(), "normalizer": endless}))
    assert found.loads is False
    assert "was ended" in (found.refused or "")
    small, large = limits_of(1000), limits_of(33 << 20)
    assert small.memory_bytes < 300 << 20
    assert large.memory_bytes > 2 << 30
    assert large.cpu_seconds > small.cpu_seconds


def test_a_missing_library_is_said_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer_file, "find_spec", lambda _: None)
    found = read(tmp_path, tokenizer__json=json.dumps(tokenizer_json()))
    assert found.loads is None
    assert 'pip install "firstmile[check]"' in (found.refused or "")


LIMITS = Limits(wall_seconds=20, cpu_seconds=1, memory_bytes=1 << 30, answer_bytes=1000)


def test_a_child_answers_and_ends() -> None:
    question = json.dumps({"source": "{{ 1 }}", "variables": {}}).encode()
    limits = Limits(wall_seconds=20, cpu_seconds=5, memory_bytes=1 << 30, answer_bytes=1 << 20)
    reply = Child("firstmile.facts.model_folder.templating", question, limits).reply()
    assert reply.ended is None
    assert reply.said.count(b'"text": "1"') > 10


def test_a_child_that_says_too_much_is_cut() -> None:
    question = json.dumps({"source": "{{ 'x' * 5000 }}", "variables": {}}).encode()
    reply = Child("firstmile.facts.model_folder.templating", question, LIMITS).reply()
    assert len(reply.said) == 1000
    assert reply.ended is not None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limits on a process")
def test_a_child_that_computes_too_long_is_ended_with_the_reason() -> None:
    question = json.dumps({"source": "{{ 9 ** (9 ** 9) }}", "variables": {}}).encode()
    reply = Child("firstmile.facts.model_folder.templating", question, LIMITS).reply()
    assert reply.ended is not None
    assert "took more than" in reply.ended


def test_a_child_that_sleeps_is_ended_by_the_clock() -> None:
    limits = Limits(wall_seconds=0.2, cpu_seconds=5, memory_bytes=1 << 30, answer_bytes=1000)
    question = json.dumps({"source": "{{ 9 ** (9 ** 9) }}", "variables": {}}).encode()
    reply = Child("firstmile.facts.model_folder.templating", question, limits).reply()
    assert reply.ended == "it took more than 0.2 s"


def test_lines_of_a_vocabulary_end_where_transformers_ends_them(tmp_path: Path) -> None:
    tokens = ["[PAD]", "a\u2028b", "\x85", "c"]
    for end in ("\n", "\r\n"):
        (tmp_path / "vocab.txt").write_bytes("".join(one + end for one in tokens).encode())
        found = read_model_folder(tmp_path).tokenizer
        assert found is not None
        assert found.size == len(tokens)


@pytest.mark.parametrize("name", ["vocab.json", "added_tokens.json", "tokenizer.json"])
def test_ids_beyond_any_vocabulary_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "vocab.json").write_text('{"a": 0}')
    table = f'{{"a": {"9" * 400}}}'
    text = table if name != "tokenizer.json" else f'{{"model": {{"vocab": {table}}}}}'
    (tmp_path / name).write_text(text)
    found = read_model_folder(tmp_path).tokenizer
    assert found is not None
    refused = {each.path: each.refused for each in (found, *found.others)}[name]
    assert refused is not None
    assert "9" * 30 not in refused
