"""What Python code calls: a failure judged, a block watched, a notebook's cells explained."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import firstmile
from firstmile.diagnose.hypotheses import Diagnosis
from firstmile.rendering.diagnosis import as_markdown, as_text

OUT_OF_MEMORY = (
    "CUDA out of memory. Tried to allocate 2.32 GiB (GPU 0; 23.65 GiB total capacity; "
    "20.85 GiB already allocated)"
)
SYMPTOM = "Crash - CUDA Error - Out of Memory"


class OutOfMemoryError(RuntimeError):
    """Named as torch names it."""


class BrokenError(Exception):
    """An exception that cannot say what it is."""

    def __str__(self) -> str:
        raise ValueError


def fails(message: str = OUT_OF_MEMORY) -> None:
    raise OutOfMemoryError(message)


def caught(message: str = OUT_OF_MEMORY) -> OutOfMemoryError:
    with pytest.raises(OutOfMemoryError) as found:
        fails(message)
    return found.value


def test_the_package_can_be_called_with_a_text() -> None:
    found = firstmile.diagnose(f"RuntimeError: {OUT_OF_MEMORY}")
    assert isinstance(found, Diagnosis)
    assert found.leaves[next(iter(found.leaves))][0].label == SYMPTOM
    assert not found.abstained


def test_the_package_stays_a_package() -> None:
    from firstmile.diagnose import judging

    assert judging is sys.modules["firstmile.diagnose.judging"]
    assert firstmile.diagnose is sys.modules["firstmile.diagnose"]  # type: ignore[comparison-overlap]


def test_an_exception_is_judged_with_its_traceback() -> None:
    found = firstmile.diagnose(caught())
    assert SYMPTOM in str(found)
    assert any("23.65 GiB" in line.text for line in found.evidence)


def test_the_chain_and_the_notes_of_an_exception_are_judged() -> None:
    def wraps() -> None:
        try:
            fails()
        except OutOfMemoryError as error:
            raise ValueError("the step failed") from error

    with pytest.raises(ValueError, match="step failed") as chained:
        wraps()
    assert SYMPTOM in repr(firstmile.diagnose(chained.value))
    noted = RuntimeError("worker 3 said:")
    noted.add_note(f"torch.OutOfMemoryError: {OUT_OF_MEMORY}")
    assert SYMPTOM in repr(firstmile.diagnose(noted))


def test_anything_else_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="text or an exception, not int"):
        firstmile.diagnose(3)  # type: ignore[arg-type]


def test_a_diagnosis_is_readable_in_each_place() -> None:
    from firstmile.diagnose.hypotheses import plain

    found = firstmile.diagnose(caught())
    assert repr(found).startswith(f"<Diagnosis symptom={SYMPTOM!r} (")
    assert "\n" not in repr(found)
    assert str(found) == as_text(plain(found))
    assert found._repr_markdown_() == as_markdown(plain(found))
    assert "<table>" in found._repr_html_()
    assert repr(firstmile.diagnose("fine")).startswith("<Diagnosis no answer: nothing in it")


def test_html_in_an_exception_is_inert_in_a_notebook() -> None:
    found = firstmile.diagnose(caught(f"{OUT_OF_MEMORY} <script>alert(1)</script>\x1b[31m"))
    html = found._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<style" not in html
    assert "\x1b" not in str(found)


def test_a_watched_block_that_works_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    with firstmile.watch():
        pass
    assert capfd.readouterr() == ("", "")


def test_a_watched_block_tells_on_stderr_and_raises_the_same_exception(
    capfd: pytest.CaptureFixture[str],
) -> None:
    error = OutOfMemoryError(OUT_OF_MEMORY)
    with pytest.raises(OutOfMemoryError) as found, firstmile.watch():
        raise error
    assert found.value is error
    assert error.__context__ is None
    assert error.__traceback__ is not None
    assert error.__traceback__.tb_next is None
    out, err = capfd.readouterr()
    assert out == ""
    assert SYMPTOM in err


def test_a_watched_function_tells_what_made_it_fail(capfd: pytest.CaptureFixture[str]) -> None:
    @firstmile.watch()
    def trains(text: str, *, fails: bool = False) -> str:
        """Train."""
        if fails:
            raise OutOfMemoryError(text)
        return text

    assert trains("fine") == "fine"
    assert (trains.__name__, trains.__doc__) == ("trains", "Train.")
    assert capfd.readouterr() == ("", "")
    with pytest.raises(OutOfMemoryError):
        trains(OUT_OF_MEMORY, fails=True)
    assert SYMPTOM in capfd.readouterr().err


def test_a_watched_coroutine_is_watched_while_it_runs(capfd: pytest.CaptureFixture[str]) -> None:
    @firstmile.watch()
    async def serves() -> None:
        await asyncio.sleep(0)
        raise OutOfMemoryError(OUT_OF_MEMORY)

    # A browser of other tests has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as threads, pytest.raises(OutOfMemoryError):
        threads.submit(asyncio.run, serves()).result()
    assert SYMPTOM in capfd.readouterr().err


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_a_program_on_purpose_passes_silently(
    kind: type[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(kind), firstmile.watch():
        raise kind
    assert capfd.readouterr() == ("", "")


def test_a_closed_stderr_hides_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/null").open("w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stderr", closed)
    with pytest.raises(OutOfMemoryError), firstmile.watch():
        fails()


def test_an_exception_whose_text_fails_is_judged_all_the_same(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(BrokenError), firstmile.watch():
        raise BrokenError
    err = capfd.readouterr().err
    assert "What failed" in err
    assert "No diagnosis" not in err


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'watches'"):
        _ = firstmile.watches


@pytest.mark.long
def test_types_of_the_interface_are_known_to_mypy(tmp_path: Path) -> None:
    (tmp_path / "used.py").write_text(
        "import firstmile\n"
        "from firstmile import diagnose, watch\n"
        "reveal_type(firstmile.diagnose('x'))\n"
        "reveal_type(diagnose(ValueError()))\n"
        "with watch(), firstmile.watch():\n"
        "    firstmile.diagnose(3)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "used.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count('"firstmile.diagnose.hypotheses.Diagnosis"') == 2, done.stdout
    assert "used.py:6: error: Argument 1" in done.stdout
    assert done.stdout.count("error:") == 1
