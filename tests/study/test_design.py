"""A study.toml is read whole, and every mistake in it is one sentence."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.design import Design, RaterKind, parse_design, read_design

WHOLE = """
[study]
name = "Ours"
since = 2024-01-01
until = 2025-12-31

[[raters]]
name = "ada"
[[raters]]
name = "ben"
[[raters]]
name = "model-a"
kind = "model"
endpoint = "http://127.0.0.1:1/v1"
model = "m"

[screen]
keywords = ["error", "报错"]

[label]
raters = ["ada", "model-a"]
"""


def parsed(text: str) -> Design:
    return parse_design(tomllib.loads(text), "study.toml")


def test_a_whole_design_is_read() -> None:
    design = parsed(WHOLE)
    assert design.study.since == date(2024, 1, 1)
    assert design.rater("model-a").kind is RaterKind.MODEL
    assert design.screeners() == ("ada", "ben")
    assert design.verifiers() == ("ada", "ben")
    assert design.labellers() == ("ada", "model-a")
    assert design.adjudicators() == ("ada", "ben")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[study]", "[studdy]", r'unknown key "studdy".*nearest: "study"'),
        ("since", "sinc", r'unknown key "study\.sinc".*nearest: "since"'),
        ("[study]", "[label2]\n[study]", "unknown key"),
        ("since = 2024-01-01", 'since = "soon"', r"study\.since of study\.toml is wrong"),
        ("since = 2024-01-01", "since = 2026-01-01", "later than study.until"),
        ('name = "ben"', 'name = "ada"', 'names the rater "ada" twice'),
        ('name = "ben"', 'name = "Ben <b>"', "is no name for a rater"),
        ('["ada", "model-a"]', '["ada", "bem"]', r'"bem".*nearest: "ben"'),
        ('model = "m"\n', "", "needs an endpoint and a model"),
        ('kind = "model"', 'kind = "robot"', r"raters\[3\]\.kind of study\.toml is wrong"),
        ("[screen]", "[screen]\nrecall = 1.5", "screen.recall of study.toml must lie"),
        ("[screen]", "[screen]\naudit = -1", "cannot be negative"),
        ("[[raters]]", "[raters]", r"raters of study\.toml must be a list|is not valid TOML"),
        ("[study]", "[[sources]]\nrepositories = ['a/b']\n[study]", r"sources\[1\].*needs a kind"),
        ('["ada", "model-a"]', '["ada", "ada"]', 'label.raters of study.toml names "ada" twice'),
        ("[screen]", '[screen]\nraters = ["model-a"]', "which is a model"),
        ("[label]", "[label]\ntarget = 7.0", "label.target of study.toml must lie"),
        ("[label]", '[publish]\nversion = "one"\n[label]', r"publish\.version of study\.toml is"),
        ("[study]", "[[sources]]\nkind = 'githup'\n[study]", r'no source "githup"'),
        ("[study]", "[datasheet]\nfundin = 'x'\n[study]", r'"datasheet\.fundin".*: "funding"'),
        ("[study]", "[datasheet]\nfunding = 7\n[study]", r"datasheet\.funding of study\.toml is"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_its_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "study.toml"
    path.write_text(WHOLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=said) as error:
        read_design(path)
    assert "\n" not in str(error.value)


def test_a_design_without_its_table_says_so() -> None:
    with pytest.raises(UserError, match=r"no table \[study\]"):
        parsed("")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[study", "is not valid TOML"),
        (b"[study]\nname = '\xff'", "is not UTF-8"),
        (b"#" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b"x = " + b"[" * 5000, "is not valid TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_design(path)


def test_a_missing_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="study init"):
        read_design(tmp_path / "study.toml")


def test_an_unknown_rater_is_told_who_there_is() -> None:
    with pytest.raises(UserError, match="there: ada, ben, model-a"):
        parsed(WHOLE).rater("eve")
