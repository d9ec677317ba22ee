"""What a remedy takes from outside stays one word, whatever it is called."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.words_to_copy import (
    SOME_FILE,
    SOME_TEXT,
    fetched_again,
    file_word,
    file_words,
    python_text,
    requirement,
    text_word,
)

ACTS = st.text(alphabet=st.sampled_from("a.-/\\~ $()`'\";|&<>*?!%\n\x1b\u202eé"), max_size=12)


@given(st.one_of(ACTS, st.text(max_size=40)))
def test_a_name_is_one_word_or_not_copied(name: str) -> None:
    for made in (file_word, text_word):
        word = made(name)
        assert shlex.split(word) in ([name], [SOME_FILE], [SOME_TEXT])
        assert word.isprintable()


@given(ACTS)
def test_a_file_that_is_copied_lies_in_the_folder_and_is_no_option(name: str) -> None:
    word = file_word(name)
    if word != SOME_FILE:
        assert name[0] not in "-/~"
        assert ".." not in name.split("/")
        assert not set(name) & set("$`;|&<>*?!\\\"'\n")


@pytest.mark.parametrize(
    "name", ["$(x)", "a;b", "`y`", "-x", "../x", "a/../../x", "/etc/x", "C:x", "a\nb", "a'b", 'a"b']
)
def test_a_hostile_name_is_not_copied(name: str) -> None:
    assert file_word(name) == SOME_FILE


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("model-00002-of-00004.safetensors", "model-00002-of-00004.safetensors"),
        ("original/consolidated.00.pth", "original/consolidated.00.pth"),
        ("model-00002 (1).safetensors", "'model-00002 (1).safetensors'"),
    ],
)
def test_an_ordinary_name_is_kept(name: str, word: str) -> None:
    assert file_word(name) == word


def test_names_that_cannot_be_copied_are_named_once() -> None:
    assert file_words(["$(a)", "b.py", "-c"]) == "FILE b.py"
    assert fetched_again("-c") == "Delete FILE, then hf download OWNER/NAME FILE --local-dir FOLDER"


def test_texts_of_python_and_requirements_end_where_they_should() -> None:
    assert python_text("<|im_start|>assistant\n") == '"<|im_start|>assistant\\n"'
    assert python_text('x"); evil()') == python_text("$(x)") == '"TEXT"'
    assert requirement("torch>=2.6,!=2.7") == '"torch>=2.6,!=2.7"'
    assert requirement('torch"; curl x') == SOME_TEXT
