"""A study.toml is read whole, and every mistake in it is one sentence."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.design import Design, RaterKind, parse_design, read_design
from firstmile.study.licensing import license_of, why_no_license

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


SOURCE = "[[sources]]\nkind = 'github'\n"
MODEL = "[[models]]\nrepository = 'a/b'\n"


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
        ("since = 2024-01-01", 'since = "soon"', "is the text .soon.; it must be a day"),
        ("since = 2024-01-01", "since = 2026-01-01", "later than study.until"),
        ('name = "ben"', 'name = "ada"', 'names the rater "ada" twice'),
        ('name = "ben"', 'name = "Ben <b>"', "is no name for a rater"),
        ('["ada", "model-a"]', '["ada", "bem"]', r'"bem".*nearest: "ben"'),
        ('model = "m"\n', "", "needs an endpoint and a model"),
        ('kind = "model"', 'kind = "robot"', r"raters\[3\]\.kind of .*; it must be .person"),
        ("[screen]", "[screen]\nrecall = 1.5", "screen.recall of study.toml must lie"),
        ("[screen]", "[screen]\naudit = -1", "cannot be negative"),
        ("[study]", "[study]\nseed = -1", r"study\.seed of study\.toml must be 0 or more"),
        ("[screen]", "[screen]\nlooks = 0", r"screen\.looks of .* between 1 and 1,000"),
        ("[screen]", "[screen]\nlooks = 100000000000000", "between 1 and 1,000"),
        (
            "[[raters]]",
            "[raters]",
            r"raters of study\.toml is a table; write each|is not valid TOML",
        ),
        ("[study]", "[[sources]]\nrepositories = ['a/b']\n[study]", r"sources\[1\].*needs a kind"),
        ('["ada", "model-a"]', '["ada", "ada"]', 'label.raters of study.toml names "ada" twice'),
        ("[screen]", '[screen]\nraters = ["model-a"]', "which is a model"),
        ("[label]", "[label]\ntarget = 7.0", "label.target of study.toml must lie"),
        ("[label]", '[publish]\nversion = "one"\n[label]', r"publish\.version of study\.toml is"),
        ("[study]", "[[sources]]\nkind = 'githup'\n[study]", r'no source "githup"'),
        ("[study]", "[datasheet]\nfundin = 'x'\n[study]", r'"datasheet\.fundin".*: "funding"'),
        ("[study]", "[publish]\nlicense = 'CC-BY4'\n[study]", r'publish\.license .*"CC-BY-4\.0"'),
        ("[study]", "[publish]\nlicense = 'ours'\n[study]", r"publish\.license .*LicenseRef-name"),
        (
            "[study]",
            f"{SOURCE}repositories = []\n[study]",
            r"sources\[1\]\.repositories of .* an empty list",
        ),
        (
            "[study]",
            f"{SOURCE}repositories = 'a/b'\n[study]",
            r"repositories of.* is the text .a/b.; it must be",
        ),
        ("[study]", f"{SOURCE}repositories = ['a/b', 7]\n[study]", r"repositories of.* a list"),
        ("[study]", "[[sources]]\nkind = 'gh-export'\nfiles = 'a'\n[study]", r"files of.* a list"),
        ("[study]", f"{MODEL}[study]", r"models\[1\] of study\.toml states neither series nor"),
        ("[study]", f"{MODEL}version = '1'\n" * 2 + "[study]", r"models\[2\]\.repository.*another"),
        (
            "[study]",
            f"{SOURCE}repositories = ['A/bc']\n{MODEL}version = '1'\n[study]",
            r'models\[1\]\.repository.*"a/b", which no source names; nearest: "A/bc"',
        ),
        ("[study]", f"{MODEL}versoin = '1'\n[study]", r'"models\[1\]\.versoin".*: "version"'),
        ("[study]", "[seconds_an_issue]\naudit = 0\n[study]", r"audit of study\.toml must lie bet"),
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
        (b"[study]\nname = 's'\nseed = " + b"1" * 5000, "too many digits"),
        (b"[study]\nname = 's'\nseed = 0x" + b"f" * 5000, "too many digits"),
        (b"[study]\nname = 's'\nsince = 2024-02-31", "is not valid TOML"),
        (b".".join([b"a"] * 20_000) + b" = 1", "more than 32 parts"),
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


@pytest.mark.parametrize(
    "license_written",
    [
        "CC-BY-4.0",
        "ODC-By-1.0",
        "CDLA-Permissive-2.0",
        "cc0-1.0",
        "MIT OR Apache-2.0",
        "LicenseRef-our-terms",
        "https://example.org/terms",
        "",
    ],
)
def test_a_license_that_spdx_knows_or_of_ones_own_is_taken(license_written: str) -> None:
    text = WHOLE.replace("[label]", f'[publish]\nlicense = "{license_written}"\n[label]')
    assert parsed(text).publish.license == license_written


def test_the_model_of_a_repository_is_found_whatever_its_case() -> None:
    design = parsed(f"{MODEL}version = 'B-1'\n{WHOLE}")
    found = design.model_of("A/B")
    assert found is not None
    assert found.version == "B-1"
    assert design.model_of("a/c") is None


def test_a_model_of_an_organization_that_is_asked_for_is_taken() -> None:
    text = f"{SOURCE}organization = 'a'\n{MODEL}version = '1'\n{WHOLE}"
    assert parsed(text).models[0].repository == "a/b"


@given(st.text(max_size=300))
def test_any_text_is_a_license_or_is_told_why_not_in_one_line(written: str) -> None:
    why = why_no_license(written)
    assert why is None or "\n" not in why
    assert license_of(written).title
