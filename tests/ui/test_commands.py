"""The command line as a person meets it: answers, one-sentence errors, never a traceback."""

import ctypes
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import firstmile
from firstmile.study.origin import SourceFacts
from firstmile.study.report import make_report
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from firstmile.taxonomy import Axis, load_taxonomy
from firstmile.ui import cli
from firstmile.ui.study_commands import print_summary

RUN = (sys.executable, "-c", "from firstmile.ui.cli import main; main()")


def run(
    *arguments: str, without: str = "", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as if a package were not installed."""
    hidden = f"import sys; sys.modules[{without!r}] = None; " if without else ""
    return subprocess.run(
        [sys.executable, "-c", f"{hidden}from firstmile.ui.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Answered:
    """What a command that ran in this process wrote, and how it ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> "Answer":
    return Answer(capsys)


class Answer:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, arguments: Sequence[str]) -> Answered:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        out, err = self._capsys.readouterr()
        code = ended.value.code
        return Answered(code if isinstance(code, int) else 0, out, err)


def is_one_sentence(text: str) -> bool:
    return bool(re.fullmatch(r"firstmile: [^\n\x1b]+\.\n", text))


def test_the_version_names_tool_and_codebook(answer: Answer) -> None:
    said = answer(["--version"])
    assert said.status == 0
    book = load_taxonomy().version
    assert said.out == f"firstmile {firstmile.__version__}, codebook {book}\n"


def test_the_codebook_is_listed_whole(answer: Answer) -> None:
    said = answer(["taxonomy"])
    assert said.status == 0
    listed = {word for line in said.out.splitlines() for word in line.split()[:1]}
    assert {term.code for term in load_taxonomy().terms} <= listed


def test_one_axis_can_be_listed(answer: Answer) -> None:
    said = answer(["taxonomy", "--axis", "stage"])
    assert "fine-tuning" in said.out
    assert "crash/cuda" not in said.out


def test_the_codebook_as_json_is_the_codebook(answer: Answer) -> None:
    found = json.loads(answer(["taxonomy", "--format", "json"]).out)
    assert found["version"] == load_taxonomy().version
    assert [term["code"] for term in found["terms"]] == [t.code for t in load_taxonomy().terms]


@pytest.mark.parametrize("wanted", ["crash/cuda/out-of-memory", "CRASH/CUDA/Out-Of-Memory"])
def test_a_term_is_explained(answer: Answer, wanted: str) -> None:
    said = answer(["explain", wanted])
    term = load_taxonomy().term("crash/cuda/out-of-memory")
    assert said.status == 0
    assert term.label in said.out
    assert term.example.url in said.out
    for rule in term.boundary:
        assert f"against {rule.against}" in said.out


def test_a_term_is_found_by_its_published_label(answer: Answer) -> None:
    said = answer(["explain", "crash - cuda error - out of memory"])
    assert "crash/cuda/out-of-memory" in said.out


@pytest.mark.parametrize(
    "code", [term.code for term in load_taxonomy().terms], ids=lambda code: code
)
def test_every_term_can_be_explained(answer: Answer, code: str) -> None:
    said = answer(["explain", code])
    assert said.status == 0
    assert load_taxonomy().term(code).label in said.out


def test_a_cause_comes_with_the_initiatives_that_reduce_it(answer: Answer) -> None:
    said = answer(["explain", "environment"])
    assert "Industry initiatives" in said.out
    assert "Leaves open:" in said.out
    as_json = json.loads(answer(["explain", "environment", "--format", "json"]).out)
    assert as_json["code"] == "environment"
    assert as_json["axis"] == Axis.CAUSE
    assert as_json["initiatives"][0]["initiatives"][0]["url"].startswith("https://")


def test_an_unknown_code_names_the_nearest(answer: Answer) -> None:
    said = answer(["explain", "crash/cuda/out-of-memroy"])
    assert said.status == 2
    assert said.out == ""
    assert is_one_sentence(said.err)
    assert "crash/cuda/out-of-memory" in said.err


@pytest.mark.parametrize(
    "hostile", ["\x1b[31mcrash\x1b[0m", "a\nb", "\u202eevil", "", " ", "x" * 10_000, "=cmd()"]
)
def test_a_hostile_code_is_shown_inert(answer: Answer, hostile: str) -> None:
    said = answer(["explain", hostile])
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert not set(said.err) & {"\x1b", "\u202e", "\r"}
    assert len(said.err) < 500


@pytest.mark.parametrize(
    "arguments",
    [
        ["explode"],
        ["taxonomy", "--axis", "colour"],
        ["taxonomy", "--format", "xml"],
        ["explain"],
        ["study", "report", "--seed", "many"],
        ["study", "repot"],
        ["study", "compare", "one"],
        ["\x1b[31m"],
        ["--\x1b[31m"],
        ["taxonomy", "--axis", "\x1b[31m"],
    ],
    ids=repr,
)
def test_bad_usage_ends_with_status_2_and_no_traceback(
    answer: Answer, arguments: list[str]
) -> None:
    said = answer(arguments)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err
    assert said.err.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["study", "report", "/nowhere/at/all"],
        ["study", "report", "--confusion", "stage=a.csv"],
        ["study", "report", "--confusion", "symptom=/nowhere/at/all.csv"],
        ["study", "compare", "embedded", "/nowhere/\x1b[31mat all"],
        ["study", "report", ""],
        ["study", "report", "--out", "."],
        ["study", "report", "--out", "long" * 75],
        ["study", "report", "--out", "/nowhere/" + "long" * 75],
        ["study", "compare", "embedded", "embedded", "--format", "\x1b[31mxml"],
    ],
    ids=repr,
)
def test_what_a_user_can_put_right_is_one_sentence(
    answer: Answer, tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = answer(arguments)
    assert said.status == 2
    assert said.out == ""
    assert is_one_sentence(said.err), said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ([], ["taxonomy", "explain", "study", "--version"]),
        (["taxonomy"], ["--axis", "--format"]),
        (["explain"], ["CODE", "--format"]),
        (["study"], ["report", "compare", "schema"]),
        (["study", "report"], ["SOURCE", "--out", "--seed", "--confusion", "--quiet"]),
        (["study", "compare"], ["FIRST", "SECOND", "--out", "--seed", "--format"]),
        (["study", "schema"], ["Schema"]),
    ],
    ids=str,
)
def test_help_lists_everything(answer: Answer, arguments: list[str], listed: list[str]) -> None:
    said = answer([*arguments, "--help"])
    assert said.status == 0
    for word in listed:
        assert word.casefold() in said.out.casefold()


def test_help_needs_no_extra() -> None:
    said = run("study", "report", "--help", without="vl_convert")
    assert "--out" in said.stdout
    assert said.returncode == 0


@pytest.mark.parametrize("missing", ["vl_convert", "numpy", "msgspec", "pyarrow", "certifi"])
def test_a_missing_extra_is_one_sentence(tmp_path: Path, missing: str) -> None:
    said = run("study", "report", "--out", str(tmp_path / "report"), without=missing)
    assert said.returncode == 2
    assert said.stdout == ""
    assert is_one_sentence(said.stderr), said.stderr
    assert 'pip install "firstmile[study]"' in said.stderr
    assert missing in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_codebook_needs_no_extra() -> None:
    said = run("explain", "crash", without="numpy")
    assert said.returncode == 0
    assert said.stderr == ""


def test_the_codebook_starts_without_the_heavy_parts() -> None:
    code = (
        "import sys; from firstmile.ui.cli import main\n"
        "try: main(['explain', 'crash'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'pyarrow', 'msgspec', 'jinja2', 'vl_convert', 'httpcore'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("arguments", [("taxonomy",), ("study", "schema"), ("--help",)], ids=str)
def test_a_reader_that_went_away_meets_no_traceback(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        said = subprocess.run(
            [*RUN, *arguments],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert said.stderr == ""
    assert said.returncode not in (0, 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [("taxonomy",), ("--version",), ("--help",), ("study", "schema")], ids=str
)
def test_output_that_cannot_be_written_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [*RUN, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert said.returncode == 2
    assert said.stderr == ("firstmile: The output could not be written: no space left on device.\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_output_that_was_closed_is_no_error() -> None:
    script = f"exec {shlex.join([*RUN, 'taxonomy'])} >&-"
    said = subprocess.run(
        ["sh", "-c", script], stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")


def obey_modes() -> None:
    """Let the superuser obey modes as others do, from the next program on."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "the capability cannot be dropped")


PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


@pytest.mark.skipif(sys.platform != "linux", reason="drops rights as Linux does")
@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["report", "--out", "closed/x"], "closed/x"),
        (["report", "closed"], "closed"),
        (["report", "closed/set.csv"], "closed/set.csv"),
        (["compare", "embedded", "closed"], "closed"),
    ],
    ids=str,
)
def test_a_folder_that_may_not_be_entered_is_one_sentence(
    tmp_path: Path, arguments: list[str], place: str
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    try:
        said = subprocess.run(
            [*RUN, "study", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=obey_modes,
        )
    finally:
        closed.chmod(0o700)
    assert said.returncode == 2
    assert is_one_sentence(said.stderr), said.stderr
    assert f"{place} c" in said.stderr
    assert "permission denied" in said.stderr
    assert list(tmp_path.iterdir()) == [closed]


def test_a_loop_of_links_is_one_sentence(answer: Answer, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for arguments in (["--out", str(loop)], ["--out", str(loop / "in")], [str(loop)]):
        said = answer(["study", "report", *arguments])
        assert (said.status, said.out) == (2, "")
        assert is_one_sentence(said.err), said.err


def test_the_schema_is_json(answer: Answer) -> None:
    found = json.loads(answer(["study", "schema"]).out)
    assert found["$schema"].startswith("https://json-schema.org/")


def test_ctrl_c_ends_with_130_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Interrupt a report once its folder is being filled."""
    process = subprocess.Popen(
        [*RUN, "study", "report", "--out", str(tmp_path / "report")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".report.*.part")):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.endswith("firstmile: stopped; nothing half-written was left.\n")
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_before_anything_is_written_ends_with_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import firstmile.ui.cli as c, sys; print('ready', flush=True); c.main()",
            *("study", "report", "--out", str(tmp_path / "report")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "stopped" in err
    assert list(tmp_path.iterdir()) == []


def test_a_hostile_name_is_inert_in_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    counts = rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 3),
        ("hang/generation", "tokenizer/file", "fine-tuning", 3),
    )
    facts = SourceFacts(name="a\x1b[31m\u202e<b>\n=cmd()", format="rows", has_rows=True)
    few = Settings(permutations=99, bootstraps=99, noise_replicates=20)
    print_summary(make_report(counts, facts, (), few))
    out, _ = capsys.readouterr()
    assert not set(out) & {"\x1b", "\u202e"}
    assert "\\x1b[31m" in out
    assert "supported" in out
