"""What a key of a study.toml holds in place of what belongs there is said without jargon."""

import re
import tomllib
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.design import (
    LabelTable,
    PublishTable,
    Rater,
    ScreenTable,
    StudyTable,
    parse_design,
)
from firstmile.study.stated import DatasheetTable, ModelTable
from firstmile.study.toml_values import misfit

STUDY = '[study]\nname = "s"\n'
SOURCE = '[[sources]]\nkind = "github"\n'


def refused(text: str) -> str:
    """Return what is said of a study.toml."""
    with pytest.raises(UserError) as error:
        parse_design(tomllib.loads(text), "study.toml")
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[study]\nname = 7",
            "study.name of study.toml is the number 7; it must be a text in quotes",
        ),
        ("[study]\nquestion = 'q'", "study of study.toml lacks name"),
        (
            f"{STUDY}since = 'soon'",
            'study.since of study.toml is the text "soon"; it must be a day, such as '
            "2025-01-31, without quotes",
        ),
        (
            f"{STUDY}authors = 'Ada'",
            'study.authors of study.toml is the text "Ada"; it must be a list, such as '
            '["one", "two"], each a text in quotes',
        ),
        (
            f"{STUDY}authors = ['Ada', true]",
            "study.authors of study.toml holds true in place 2 of its list; each must be a text "
            "in quotes",
        ),
        (
            f"{STUDY}[screen]\naudit = '300'",
            'screen.audit of study.toml is the text "300"; it must be a whole number',
        ),
        (
            f"{STUDY}[screen]\naudit = 1.5",
            "screen.audit of study.toml is the number 1.5; it must be a whole number",
        ),
        (
            f"{STUDY}[label]\ntarget = [0.7]",
            "label.target of study.toml is a list; it must be a number",
        ),
        (
            f"{STUDY}[label]\nsuggestions = 'yes'",
            'label.suggestions of study.toml is the text "yes"; it must be true or false, '
            "without quotes",
        ),
        (
            f"{STUDY}[publish.text]\nyes = true",
            "publish.text of study.toml is a table; it must be true or false, without quotes",
        ),
        (
            f"{STUDY}[[raters]]\nname = 'ada'\nkind = 'human'",
            'raters[1].kind of study.toml is the text "human"; it must be "person" or "model"',
        ),
        (
            f"{STUDY}[[raters]]\nname = 'ada'\nceiling = 'five'",
            'raters[1].ceiling of study.toml is the text "five"; it must be a number',
        ),
        (
            "screen = 5\n" + STUDY,
            "screen of study.toml is the number 5; it must be a table: [screen], and its keys "
            "below it",
        ),
        (
            "raters = ['ada']\n" + STUDY,
            'raters[1] of study.toml is the text "ada"; it must be a table: [[raters]], and its '
            "keys below it",
        ),
        (
            "raters = 'ada'\n" + STUDY,
            'raters of study.toml is the text "ada"; write each of them as a table of its own: '
            "[[raters]]",
        ),
        (
            f"{STUDY}{SOURCE}organization = 5",
            "sources[1].organization of study.toml is the number 5; it must be a text in quotes",
        ),
        (
            f"{STUDY}{SOURCE}organization = 'o'\ninclude_forks = 'yes'",
            'sources[1].include_forks of study.toml is the text "yes"; it must be true or false, '
            "without quotes",
        ),
        (
            f"{STUDY}{SOURCE}repositories = 'o/r'",
            'sources[1].repositories of study.toml is the text "o/r"; it must be a list of one or '
            'more texts, such as ["owner/name"]',
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_what_belongs_there(text: str, said: str) -> None:
    assert refused(text) == f"{said}."


JARGON = re.compile(r"`|\b(?:str|int|bool|float|null|array|object|enum|Struct|dict|tuple)\b")
TABLES = (StudyTable, ScreenTable, LabelTable, PublishTable, Rater, ModelTable, DatasheetTable)
KEYS = [(table, field) for table in TABLES for field in msgspec.structs.fields(table)]
VALUES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "person", "x"]),
    st.dates(),
    st.datetimes(),
    st.lists(st.sampled_from(["a", 7, True, []]), max_size=3),
    st.just({"a": 1}),
)


@given(st.sampled_from(KEYS), VALUES)
def test_every_key_refuses_what_it_cannot_hold_in_plain_words(
    key: tuple[type[msgspec.Struct], msgspec.structs.FieldInfo], value: Any
) -> None:
    said = misfit(value, key[1].type)
    try:
        msgspec.convert(value, key[1].type)
    except msgspec.ValidationError:
        assert said is not None
        assert not JARGON.search(said)
    else:
        assert said is None


def test_what_stands_there_is_shown_inert() -> None:
    said = misfit("\x1b[31m" + "x" * 500, date)
    assert said is not None
    assert "\x1b" not in said
    assert len(said) < 300
