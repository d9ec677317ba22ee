"""Lines of logs are read as a person sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.reading import LONGEST_LINE, Line, read_line, read_lines, text_of


def body(raw: str) -> str:
    return read_line(raw, number=1).body


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("\x1b[31mERROR\x1b[0m: it broke", "ERROR: it broke"),
        ("\x1b]0;title\x07shown", "shown"),
        ("10%\r50%\r100% done", "100% done"),
        ("Windows line\r", "Windows line"),
        ("a\x00b\u202ec", "abc"),
    ],
)
def test_colors_titles_and_overwritten_text_are_gone(raw: str, seen: str) -> None:
    assert read_line(raw, number=1).text == seen


@given(st.text(st.characters(exclude_characters="\r\n")))
def test_a_plain_line_is_read_as_one_that_holds_colors(raw: str) -> None:
    assert read_line(raw, number=1) == read_line("\x1b[0m" + raw, number=1)


def test_an_error_behind_a_progress_bar_stands_on_its_own() -> None:
    raw = "  0%|          | 0/3186 [00:00<?, ?it/s]Traceback (most recent call last):"
    assert body(raw) == "Traceback (most recent call last):"


def test_a_progress_bar_alone_stays() -> None:
    assert "3186/3186" in body("100%|██████| 3186/3186 [10:00<00:00,  5.31it/s]")


@pytest.mark.parametrize(
    ("raw", "rank", "time"),
    [
        ("[rank1]: RuntimeError: boom", 1, None),
        ("[default3]:RuntimeError: boom", 3, None),
        ("[2]: RuntimeError: boom", 2, None),
        (
            "(Worker_TP1 pid=33) ERROR 11-20 10:11:12 [core.py:8] RuntimeError: boom",
            1,
            "11-20 10:11:12",
        ),
        (
            "(EngineCore_DP0 pid=27) ERROR 11-20 10:11:12 [core.py:8] RuntimeError: boom",
            0,
            "11-20 10:11:12",
        ),
        ("ERROR 02-10 10:11:12 engine.py:389] RuntimeError: boom", None, "02-10 10:11:12"),
        (
            "2024-01-02T10:11:12.123Z stderr F RuntimeError: boom",
            None,
            "2024-01-02T10:11:12.123",
        ),
        (
            "[2024-01-02 10:11:12,123] [ERROR] [launch.py:1:main] RuntimeError: boom",
            None,
            "2024-01-02 10:11:12,123",
        ),
        (
            "E0301 10:11:12.131000 4200 torch/distributed/x/api.py:869] RuntimeError: boom",
            None,
            "0301 10:11:12.131000",
        ),
        ("Nov 27 19:38:37 gpu-3 python[12]: RuntimeError: boom", None, "Nov 27 19:38:37"),
        (
            "[INFO|trainer.py:12] 2024-01-02 10:11:12,123 >> RuntimeError: boom",
            None,
            "2024-01-02 10:11:12,123",
        ),
        ("ERROR:root:RuntimeError: boom", None, None),
        ("RuntimeError: boom", None, None),
    ],
)
def test_what_loggers_and_launchers_put_before_a_line_is_taken_off(
    raw: str, rank: int | None, time: str | None
) -> None:
    line = read_line(raw, number=1)
    assert (line.body, line.rank, line.time) == ("RuntimeError: boom", rank, time)
    assert line.text == raw


def test_the_indentation_of_a_traceback_stays() -> None:
    assert body('[rank1]:   File "x.py", line 3, in f') == '  File "x.py", line 3, in f'


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    lines = list(read_lines("a\r\nb\x0bstill b\n\nd\n", file="run.log"))
    assert [line.number for line in lines] == [1, 2, 3, 4]
    assert [line.text for line in lines] == ["a", "bstill b", "", "d"]
    assert {line.file for line in lines} == {"run.log"}


@given(st.text(max_size=400))
def test_any_text_gives_one_inert_line_a_line(text: str) -> None:
    lines = list(read_lines(text))
    assert len(lines) == text.count("\n") + (not text.endswith("\n") if text else 0)
    for line in lines:
        assert isinstance(line, Line)
        assert not any(ord(c) < 32 and c != "\t" for c in line.text)
        assert line.text.endswith(line.body.rstrip()) or not line.body


def test_a_line_without_end_is_cut_and_does_not_take_long() -> None:
    line = read_line("x" * 50_000_000, number=1)
    assert len(line.text) == LONGEST_LINE


def test_what_ends_a_very_long_bar_is_read() -> None:
    bar = "".join(f"\r step {number} of many, and on it goes" for number in range(4_000))
    line = read_line(f"{bar}\rValueError: here\r\x1b[K", number=1)
    assert len(bar) > 100_000
    assert line.text == "ValueError: here"


def test_a_byte_that_is_no_utf_8_is_told_from_a_sign_that_was_printed() -> None:
    assert text_of(b"mod\xe8le \xef\xbf\xbd \xe4\xbd\xa0\xe4\xbd") == "mod□le � 你□□"


@given(st.text())
def test_what_was_written_as_utf_8_is_read_as_it_was(text: str) -> None:
    assert text_of(text.encode("utf-8", "ignore")) == text.encode("utf-8", "ignore").decode()
