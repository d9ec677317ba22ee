"""Labels as CSV: nothing is lost, nothing runs, and every fault names its line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from exchange.samples import KNOWN, RATERS, address, labels
from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.decisions import Confidence, LabelValue
from firstmile.study.exchange import Known, RaterLabel, csv_labels, read_csv_labels
from firstmile.study.exchange.csv_files import COLUMNS, cell_of, text_of

ANY_TEXT = st.text() | st.text(alphabet="\\xuU05c1be'=+-@ \t\r\n\x1b\u202e\ud800")


def write(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


@given(ANY_TEXT)
@example("\\x1b")
@example("\\\\x5c\x1b")
@example("'=1+1")
@example("\\U000e0001 \U000e0001")
@example("\\u001b \\x0a \n")
@example("  =cmd")
def test_a_cell_reads_back_as_it_was(text: str) -> None:
    assert text_of(cell_of(text)) == text


@given(ANY_TEXT)
def test_no_cell_runs_or_hides_anything(text: str) -> None:
    cell = cell_of(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋"))
    assert visible(cell.replace("\n", "")) == cell.replace("\n", "")
    assert cell.encode().decode() == cell


@pytest.mark.parametrize("text", ["C:\\Users\\new\\x64", "plain", "a\nb", "\\", "it's", "'tis"])
def test_a_cell_of_somebody_else_is_taken_as_it_stands(text: str) -> None:
    assert text_of(text) == text


@given(labels(texts=ANY_TEXT))
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_labels_read_back_as_they_were(tmp_path: Path, given_labels: list[RaterLabel]) -> None:
    path = write(tmp_path, csv_labels(given_labels))
    assert read_csv_labels(path, KNOWN).labels == tuple(given_labels)


def test_published_labels_stand_for_their_codes(tmp_path: Path) -> None:
    text = (
        "\ufeffrater,issue,symptom,stage,cannot_tell\r\n"
        f"ann,{address(1)},Crash - CUDA Error - Out of Memory, Inference ,cause\r\n"
        "\r\n"
    )
    (label,) = read_csv_labels(write(tmp_path, text), KNOWN).labels
    assert label.value == LabelValue(
        symptom="crash/cuda/out-of-memory", stage="inference", cannot_tell=("cause",)
    )
    assert label.value.confidence is Confidence.SURE


def test_rows_without_labels_are_counted(tmp_path: Path) -> None:
    row = f"{address(3)},ann,hardware,symptom stage"
    text = f"issue,rater,cause,cannot_tell\n{address(1)},ann,,\n{row}\n"
    found = read_csv_labels(write(tmp_path, text), KNOWN)
    assert len(found.labels) == 1
    assert found.without_labels == 1


HEADER = ",".join(COLUMNS)
GOOD = f"{address(1)},ann,crash,hardware,inference,sure,,,,1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "labels.csv is empty"),
        ("issue,rater\n", "lacks the column symptom, cause or stage"),
        ("issue,cause\n", "lacks the column rater"),
        ("issue,rater,cause,simptom\n", 'unknown column "simptom".*nearest: "symptom"'),
        ("issue;rater;cause\n1;2;3\n", "is divided by semicolons, .* divided by commas, in UTF-8"),
        ("issue\trater\tcause\n", "is divided by tabs"),
        ("issue;cause\n", "has the unknown column"),
        ("issue,rater,cause,cause\n", 'two columns "cause"'),
        (f"{HEADER}\n{GOOD},extra\n", "line 2: 11 cells where the header has 10"),
        (
            f"{HEADER}\n{GOOD.replace('ann', 'anne')}\n",
            'line 2: "anne" is no rater.*nearest: "ann"',
        ),
        (
            f"{HEADER}\n{GOOD.replace('crash', 'crsh')}\n",
            'line 2: "crsh" is no symptom of codebook 1.1.0; nearest: "crash"',
        ),
        (f"{HEADER}\n{GOOD.replace('hardware', 'hang')}\n", 'line 2: "hang" is no cause'),
        (f"{HEADER}\n{GOOD.replace('sure', 'shure')}\n", '"shure" is no confidence.*"sure"'),
        (f"{HEADER}\n{GOOD[:-1]}x\n", 'line 2: "x" is no pilot round'),
        (f"{HEADER}\n{GOOD[:-1]}-1\n", "is no pilot round"),
        (f"{HEADER}\n{GOOD}\n\n{GOOD}\n", 'line 4: "ann" labels .* a second time .*line 2'),
        (f"{HEADER}\n,{GOOD.partition(',')[2]}\n", "line 2: the issue is missing"),
        (f"{HEADER}\n{GOOD[:-2]}cause,1\n", "line 2: the cause has a code and yet cannot be told"),
        (f"{HEADER}\n{GOOD[:-2]}couse,1\n", '"couse" is no axis .*nearest: "cause"'),
        (f'{HEADER}\n"{GOOD}\n', "line 2: this is no CSV"),
        (f"{HEADER}\n{'x' * 2_000_000}\n", "line 2: this is no CSV"),
    ],
)
def test_a_bad_file_is_one_sentence_that_names_the_line(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(UserError, match=says) as caught:
        read_csv_labels(write(tmp_path, text), KNOWN)
    assert "\n" not in str(caught.value)


def test_a_line_break_in_a_cell_does_not_move_the_lines(tmp_path: Path) -> None:
    quote = GOOD.replace("sure,,", 'sure,"a\nb",')
    text = f"{HEADER}\n{quote}\n{GOOD.replace('ann', 'nobody')}\n"
    with pytest.raises(UserError, match="line 4"):
        read_csv_labels(write(tmp_path, text), KNOWN)


def test_an_issue_of_another_study_is_refused(tmp_path: Path) -> None:
    known = Known(codebook=KNOWN.codebook, raters=RATERS, issues=frozenset({address(2)}))
    with pytest.raises(UserError, match="is no issue of this study; nearest:"):
        read_csv_labels(write(tmp_path, f"{HEADER}\n{GOOD}\n"), known)


@pytest.mark.parametrize("behind", ["#issuecomment-12", "?tab=1", "/", "/#top"])
def test_an_address_with_more_behind_it_is_refused_with_what_to_leave_out(
    tmp_path: Path, behind: str
) -> None:
    known = Known(codebook=KNOWN.codebook, raters=RATERS, issues=frozenset({address(1)}))
    longer = GOOD.replace(address(1), address(1) + behind)
    assert longer != GOOD
    with pytest.raises(UserError, match=f'leave out what stands behind "{address(1)}"'):
        read_csv_labels(write(tmp_path, f"{HEADER}\n{longer}\n"), known)


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_called_by_its_name(tmp_path: Path, coding: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}\n".encode(coding))
    with pytest.raises(UserError, match=r"is UTF-16, .* save it as UTF-8"):
        read_csv_labels(path, KNOWN)


def test_what_is_no_text_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"issue\xff\x81")
    with pytest.raises(UserError, match="not UTF-8"):
        read_csv_labels(path, KNOWN)
    with pytest.raises(UserError, match="cannot be read"):
        read_csv_labels(tmp_path / "absent.csv", KNOWN)


def test_a_hostile_cell_is_made_inert_in_the_message(tmp_path: Path) -> None:
    hostile = GOOD.replace("ann", "a\x1b[31m")
    text = f"{HEADER}\n{hostile}\n"
    with pytest.raises(UserError) as caught:
        read_csv_labels(write(tmp_path, text), KNOWN)
    assert "\x1b" not in str(caught.value)


def test_the_header_is_the_documented_one() -> None:
    assert next(csv.reader(io.StringIO(csv_labels([])))) == list(COLUMNS)
