"""Lines of a terminal: prose fits, commands can be copied, both ends of a long line are seen."""

from hypothesis import given
from hypothesis import strategies as st

from firstmile.rendering.wrapping import columns, fitted, shortened

FIX = """\
First find out which torch it is, with the Python that runs the program, and then go on with the
rest:

    python -c "import torch; print(torch.__version__, torch.version.cuda, torch.__file__)"

1. A step that is told in so many words that they do not fit into one line of a narrow terminal:

       pip install --upgrade one-package another-package a-third-package --no-build-isolation

   And what belongs to it still.
2. Set `CUDA_VISIBLE_DEVICES=0 python -m train --now`.

It worked when `python -c "import torch; print(1)"` prints 1.
"""


def test_prose_is_broken_to_the_width_and_commands_are_not() -> None:
    told = fitted(FIX, indent="  ", width=60)
    command = (
        'python -c "import torch; print(torch.__version__, torch.version.cuda, torch.__file__)"'
    )
    assert f"      {command}" in told
    assert all(len(line) <= 60 for line in told if "python -c" not in line and "pip" not in line)
    assert told[0] == "  First find out which torch it is, with the Python that"
    assert told[1] == "  runs the program, and then go on with the rest:"
    assert 'It worked when `python -c "import torch; print(1)"` prints' in told[-3].strip()


def test_items_of_a_list_hang_below_their_first_word() -> None:
    told = fitted(FIX, width=60)
    start = told.index("1. A step that is told in so many words that they do not fit")
    assert told[start + 1] == "   into one line of a narrow terminal:"
    assert told[start + 3].startswith("       pip install --upgrade one-package another-package")
    assert told[start + 5] == "   And what belongs to it still."
    assert told[start + 6].startswith("2. Set")


def test_code_between_backquotes_is_broken_nowhere() -> None:
    told = fitted("Say it with `a command of some words` or not.", width=30)
    assert told == ["Say it with", "`a command of some words` or", "not."]


def test_blocks_in_fences_and_tables_stand_as_they_are() -> None:
    block = "```\n  a  b   c\n```\n\n| a | b |\n|---|---|"
    assert fitted(block, width=20) == block.split("\n")


@given(st.text(alphabet="ab`-1. |#\n\t\x1b\ue000", max_size=200), st.integers(20, 100))
def test_no_word_is_lost_and_nothing_acts(text: str, width: int) -> None:
    told = "\n".join(fitted(text, width=width))
    assert "\x1b" not in told
    letters = [one for one in text if one in "ab"]
    assert [one for one in told.replace("\\x1b", "") if one in "ab"] == letters


def test_of_a_long_line_both_ends_are_shown() -> None:
    line = "/opt/conda/lib/" + "x" * 200 + ".so: undefined symbol: _ZN3c105ErrorC2E"
    cut = shortened(line, 60)
    assert len(cut) <= 60
    assert cut.startswith("/opt/conda/lib/xxx")
    assert cut.endswith("_ZN3c105ErrorC2E")
    assert shortened("short", 60) == "short"


@given(st.text(alphabet="ab 显存。\u0301", max_size=120), st.integers(10, 60))
def test_a_shortened_line_fits_however_wide_its_characters_are(text: str, room: int) -> None:
    cut = shortened(text, room)
    assert columns(cut) <= room
    assert (cut == text) == (columns(text) <= room)
