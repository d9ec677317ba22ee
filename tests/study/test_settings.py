"""Settings: streams of random numbers, and confusion matrices from files."""

from pathlib import Path

import numpy as np
import pytest

from firstmile.errors import UserError
from firstmile.study.settings import Settings, read_confusions


def test_a_purpose_has_its_own_stream_and_the_same_each_time() -> None:
    one = Settings().generator("a", "b").integers(1 << 40, size=4)
    again = Settings().generator("a", "b").integers(1 << 40, size=4)
    assert one.tolist() == again.tolist()
    for other in (
        Settings().generator("ab"),
        Settings().generator("a"),
        Settings(seed=1).generator("a", "b"),
    ):
        assert other.integers(1 << 40, size=4).tolist() != one.tolist()


def matrix(tmp_path: Path, text: str, *, name: str = "raters.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return f"symptom={path}"


def test_a_confusion_is_read_by_codes_and_by_labels(tmp_path: Path) -> None:
    text = "\ufeff,crash,Loading Failure\ncrash,6,2\nLoading Failure,0,8\n"
    found = read_confusions([matrix(tmp_path, text)])["symptom"]
    assert found.shape == (5, 5)
    assert np.allclose(found.sum(axis=1), 1)
    # Six of fourteen crashes were the other's crashes twice over: 12 / 14, and 2 / 14 loading.
    assert found[0].tolist() == pytest.approx([12 / 14, 0, 2 / 14, 0, 0])
    assert found[1].tolist() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no confusion matrix"),
        ("\n\n", "holds no confusion matrix"),
        (",crash\n", "holds no confusion matrix"),
        (",crash\ncrush,1\n", "line 2: 'crush' is no symptom class"),
        (",crush\ncrash,1\n", "line 1: 'crush' is no symptom class"),
        (",crash\n\ncrash,x\n", "line 3: 'x' is no count"),
        (",crash\ncrash,-1\n", "line 2: '-1' is no count"),
        (",crash\ncrash,1.5\n", "line 2: '1.5' is no count"),
        (",crash\ncrash,\n", "line 2: '' is no count"),
        (",crash\ncrash," + "9" * 400 + "\n", "is no count"),
        (",crash\ncrash,1,2\n", "line 2: 3 cells"),
        (",crash\n\x1b[31mcrash,1\n", r"'\x1b[31mcrash'"),
        (",crash\ncrash,1\ncrash,2\n", "line 3: 'crash' stands in it twice"),
        (",crash,crash\ncrash,1,2\n", "line 1: 'crash' stands in it twice"),
        (",crash\ncrash," + "1" * 200_000 + "\n", "raters.csv"),
    ],
)
def test_a_bad_confusion_is_told_by_file_and_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UserError) as raised:
        read_confusions([matrix(tmp_path, text)])
    message = str(raised.value)
    assert reason in message
    assert "raters.csv" in message
    assert "\x1b" not in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize("option", ["stage=a.csv", "symptom", "symptom=", "=a.csv", "\x1b=a", ""])
def test_an_option_of_another_form_is_refused(option: str) -> None:
    with pytest.raises(UserError, match="--confusion needs") as raised:
        read_confusions([option])
    assert "\x1b" not in str(raised.value)


def test_an_axis_given_twice_is_refused(tmp_path: Path) -> None:
    option = matrix(tmp_path, ",crash\ncrash,1\n")
    with pytest.raises(UserError, match="symptom twice"):
        read_confusions([option, option])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b",crash\ncrash,\xff\n")
    for name in ("absent.csv", "latin.csv", "."):
        with pytest.raises(UserError, match="cannot be read"):
            read_confusions([f"symptom={tmp_path / name}"])
