"""TOML from outside is read, or refused in one sentence, in time that grows with its length."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.folder import StudyFolder, is_study, make_study
from firstmile.taxonomy.toml_text import LARGEST, read_toml, text_of

DESIGN = '[study]\nname = "s"\n'
DEEP = ".".join(["a"] * 20_000)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = " + "[" * 50_000, "nested too deeply"),
        ("x = " + "1" * 5_000, "too many digits"),
        ("x = [{y = 0x" + "f" * 5_000 + "}]", "too many digits"),
        ("x = 9223372036854775808", "too many digits"),
        ("x = 2024-02-31", "is not valid TOML"),
        ("x = ", "is not valid TOML"),
        ("x" * (LARGEST + 1), "larger than 1 MiB"),
        (f"{DEEP} = 1", "more than 32 parts"),
        (f"\r\n  [{DEEP}]", "more than 32 parts"),
        (f"[[ {DEEP} ]]", "more than 32 parts"),
        (f"x = [1,{{{DEEP} = 1}}]", "more than 32 parts"),
        (" . ".join(['"a\\""', "'b'", "c"] * 5_000) + " = 1", "more than 32 parts"),
    ],
)
def test_what_is_no_toml_is_one_sentence_at_once(text: str, why: str) -> None:
    start = time.process_time()
    with pytest.raises(UserError, match=why) as caught:
        read_toml(text, "the.toml")
    assert time.process_time() - start < 2
    assert str(caught.value).startswith("the.toml ")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 32) + " = 9223372036854775807",
        'x = """\n' + "wait" + "." * 5_000 + '\n"""',
        "x = 'see a.b, c.d and 1.2.3.4'\n",
        "x = [" + "1.5," * 5_000 + "]",
        "y = -9223372036854775808\r\nz = 1.0\r\n",
    ],
)
def test_sound_toml_is_read_as_it_is(text: str) -> None:
    assert read_toml(text, "the.toml") == tomllib.loads(text)


@given(st.text(alphabet="a.\"' =[]{}\\\n1x_-", max_size=60))
def test_any_text_is_what_the_reader_says_or_one_sentence(text: str) -> None:
    try:
        expected: dict[str, Any] | None = tomllib.loads(text)
    except ValueError:
        expected = None
    try:
        assert read_toml(text, "the.toml") == expected
    except UserError:
        assert expected is None


@pytest.mark.parametrize("unit", ["a", "'", '"', '\\"', " a", " '", ' "', "a.", " a.", "{", "a ."])
def test_looking_for_deep_keys_takes_linear_time(unit: str) -> None:
    start = time.process_time()
    with pytest.raises(UserError):
        read_toml("=" + unit * (LARGEST // len(unit) - 1), "the.toml")
    assert time.process_time() - start < 4


def test_a_file_of_any_length_is_read_to_the_ceiling_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    assert read_toml(text_of(file, "a.toml"), "a.toml") == {"x": 1}
    file.write_bytes(b"x = '\xff'")
    with pytest.raises(UserError, match=r"a\.toml is not UTF-8"):
        text_of(file, "a.toml")
    with pytest.raises(UserError, match="larger than 1 MiB"):
        text_of(Path("/dev/zero"), "a.toml")


@pytest.mark.parametrize("content", ["x = " + "[" * 50_000, "x = " + "1" * 5_000, "x", f"{DEEP}=1"])
@pytest.mark.parametrize("file", ["codebook.toml", "symptoms/crash.toml"])
def test_a_codebook_of_a_study_that_is_no_toml_is_one_sentence(
    tmp_path: Path, file: str, content: str
) -> None:
    study = make_study(tmp_path / "study", DESIGN)
    for folder in ("symptoms", "causes", "stages"):
        (study.path / "codebook" / folder).mkdir(parents=True)
    (study.path / "codebook" / "codebook.toml").write_text('version = "2"\n')
    (study.path / "codebook" / file).write_text(content)
    with pytest.raises(UserError, match=rf"{file} of the codebook is not valid TOML"):
        _ = StudyFolder.open(study.path).taxonomy


@pytest.mark.parametrize("content", ["x = " + "[" * 50_000, "x = " + "1" * 5_000, f"{DEEP} = 1"])
def test_a_study_file_that_is_no_toml_is_no_study(tmp_path: Path, content: str) -> None:
    (tmp_path / "study.toml").write_text(content)
    assert not is_study(tmp_path)
