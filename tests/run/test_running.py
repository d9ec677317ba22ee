"""A command in pipes: what it writes, reads and leaves with is what it is without us."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.run.piping import run_with_pipes

from .started import LONGEST_SECONDS, QUIETLY, piped, python, surroundings

RUN = shlex.join(QUIETLY)

WRITES = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.binary(max_size=200) | st.just(b"\0\xff\x1b[31m" * 9000)),
    max_size=6,
)


def same(command: list[str], *, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command bare and under us; return the one after it was equal to the other."""
    bare, ours = piped(command, given=given), piped([*QUIETLY, *command], given=given)
    assert (ours.returncode, ours.stdout, ours.stderr) == (
        bare.returncode,
        bare.stdout,
        bare.stderr,
    )
    return ours


def shell(script: str) -> subprocess.CompletedProcess[bytes]:
    return piped(["bash", "-c", script])


@settings(max_examples=6)
@given(WRITES, st.integers(0, 255))
def test_bytes_and_status_are_those_of_the_bare_command(
    writes: list[tuple[int, bytes]], status: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for place, (number, data) in enumerate(writes):
            file = Path(folder) / str(place)
            file.write_bytes(data)
            names.append(f"cat {file} >&{number}")
        same(["sh", "-c", "; ".join([*names, f"exit {status}"])])


@pytest.mark.parametrize("number", [1, 6, 9, 11, 13, 15])
def test_a_command_that_a_signal_ended_leaves_by_the_same_signal(number: int) -> None:
    done = same(["sh", "-c", f"echo out; kill -{number} $$"])
    assert done.returncode == -number


def test_a_shell_shows_128_and_the_signal() -> None:
    assert shell(f"{RUN} sh -c 'kill -9 $$'; echo $?").stdout == b"137\n"


def test_a_crash_is_handed_on_as_it_is() -> None:
    assert b"ZeroDivisionError" in same(python("print('before'); 1 / 0")).stderr


def test_what_is_given_on_standard_input_is_read() -> None:
    given = bytes(range(256)) * 2000
    assert same(["cat"], given=given).stdout == given


def test_a_command_in_a_pipe_sees_no_terminal() -> None:
    done = same(python("import os; print([os.isatty(each) for each in range(3)])"))
    assert done.stdout == b"[False, False, False]\n"


def test_two_streams_into_one_pipe_stay_in_order() -> None:
    code = "import os\nfor i in range(500): os.write(1 + i % 2, b'%d\\n' % i)"
    done = shell(f"{RUN} {shlex.join(python(code))} 2>&1")
    assert done.stdout.split() == [b"%d" % number for number in range(500)]


def test_a_reader_that_went_away_ends_the_command_by_sigpipe() -> None:
    assert shell(f"{RUN} yes | head -1; echo ${{PIPESTATUS[0]}}").stdout == b"y\n141\n"


def test_a_slow_reader_of_one_stream_does_not_hold_the_other_up() -> None:
    code = "import os; os.write(2, b'here'); os.write(1, b'x' * 400_000)"
    with subprocess.Popen(
        [*QUIETLY, *python(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(),
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert process.stderr.read(4) == b"here"
        assert len(process.stdout.read()) == 400_000


def test_files_that_the_shell_opens_for_the_command_reach_it() -> None:
    script = f"{RUN} cat <(echo substituted); {RUN} sh -c 'echo three >&3' 3>&1"
    assert shell(script).stdout == b"substituted\nthree\n"


def test_a_closed_stream_is_closed_for_the_command() -> None:
    assert shell(f"{RUN} echo lost >&-; echo $?").stdout == b"1\n"
    assert shell(f"{RUN} cat <&-; echo $?").stdout == b"1\n"


def test_what_we_open_takes_the_place_of_no_closed_stream() -> None:
    code = (
        "import os, sys; from firstmile.run.streams import hold_standard_places;"
        "hold_standard_places(); null = os.stat(os.devnull).st_rdev;"
        "print([os.fstat(each).st_rdev == null for each in range(2)], file=sys.stderr)"
    )
    done = shell(f"{shlex.join(python(code))} <&- >&-")
    assert done.stderr == b"[True, True]\n"


def test_a_script_without_a_first_line_is_the_shells(tmp_path: Path) -> None:
    script = tmp_path / "plain"
    script.write_text('echo "given $1"\n')
    script.chmod(0o755)
    assert piped([*QUIETLY, str(script), "x y"]).stdout == b"given x y\n"


def test_what_the_command_left_running_goes_on_writing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = f"(read go < {pipe}; echo late) & echo early; exit 4"
    with subprocess.Popen(
        [*QUIETLY, "sh", "-c", script], stdout=subprocess.PIPE, env=surroundings()
    ) as process:
        assert process.wait(LONGEST_SECONDS) == 4
        pipe.write_text("go\n")
        assert process.stdout is not None
        assert process.stdout.read() == b"early\nlate\n"


def test_signals_that_python_ignores_are_not_ignored_by_the_command() -> None:
    for before in ([], [*QUIETLY]):
        done = piped([*before, "grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"])
        numbers = [int(field, 16) for field in done.stdout.split()[1::2]]
        # The C library keeps 32 and 33 to itself.
        assert [number & ((1 << 31) - 1) for number in numbers] == [0, 0]


def test_environment_and_folder_are_ours(tmp_path: Path) -> None:
    code = "import os; print(os.environ['GIVEN'], os.getcwd())"
    done = subprocess.run(
        [*QUIETLY, *python(code)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=surroundings(GIVEN="here"),
    )
    assert done.stdout.split() == ["here", str(tmp_path.resolve())]


def test_a_flood_of_output_does_not_fill_memory() -> None:
    code = (
        "import re, sys; from firstmile.run import run_command;"
        "run = run_command(['head', '-c', '200000000', '/dev/zero']);"
        "status = open('/proc/self/status').read();"
        "peak = re.search(r'VmHWM:\\s+(\\d+) kB', status)[1];"
        "print(len(run.text), peak, file=sys.stderr)"
    )
    done = subprocess.run(
        python(code),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
        env=surroundings(),
    )
    kept, peak_kib = map(int, done.stderr.split())
    assert kept < 5 * 1024**2
    assert peak_kib < 100 * 1024


def test_without_terminals_and_signals_of_unix_pipes_do(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    run = run_with_pipes([sys.executable, "-c", "import os; os.write(1, b'a\\n'); os._exit(3)"])
    assert (run.ending.status, run.text) == (3, "a\n")
    assert capfdbinary.readouterr().out.replace(os.linesep.encode(), b"\n") == b"a\n"
