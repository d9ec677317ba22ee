"""A bug report has the form that its project asks for, and nothing private in it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.facts.environment import Environment, Interpreter, Package, System
from firstmile.rendering.inert import visible
from firstmile.run.ending import Ending
from firstmile.run.forms import GENERAL, all_forms, form_for
from firstmile.run.killing import Kill
from firstmile.run.outcome import Run
from firstmile.run.reporting import excerpt, fenced, report_text, told_text
from firstmile.ui.places import KEPT, next_report, report_folder

ENVIRONMENT = Environment(
    collected="2026-01-02T03:04:05Z",
    firstmile="0",
    system=System(
        name="Linux",
        release="Debian 12",
        kernel="6.1",
        machine="x86_64",
        libc="glibc 2.36",
        wsl=None,
        container=None,
    ),
    python=Interpreter(
        version="3.11.7",
        implementation="cpython",
        executable="/opt/env/bin/python",
        prefix="/opt/env",
        environment="venv",
        packages=(Package(name="vllm", version="0.6.1"),),
    ),
)
FAILED = Run(
    command=("python", "train.py"),
    ending=Ending(status=1),
    seconds=12.34,
    text="Traceback (most recent call last):\nValueError: no\n",
)
TRACE = """Traceback (most recent call last):
  File "/home/ada/train.py", line 3, in <module>
    main()
  File "/opt/env/lib/python3.11/site-packages/{outer}/x.py", line 3, in f
    g()
  File "/opt/env/lib/python3.11/site-packages/{inner}/y.py", line 3, in g
    raise ValueError
ValueError
"""


@pytest.mark.parametrize(
    ("command", "form"),
    [
        (["vllm", "serve", "Qwen/Qwen2-7B"], "vllm"),
        (["python3.11", "-m", "vllm.entrypoints.openai.api_server"], "vllm"),
        (["/opt/env/bin/python", "-u", "-m", "sglang.launch_server"], "sglang"),
        (["uv", "run", "trl", "sft"], "trl"),
        (["env", "CUDA_VISIBLE_DEVICES=0", "deepspeed", "train.py"], "deepspeed"),
        (["./build/bin/llama-server", "-m", "x.gguf"], "llama-cpp"),
        (["ollama", "run", "llama3"], "ollama"),
        (["llamafactory-cli", "train", "x.yaml"], "llama-factory"),
        (["python", "about_vllm.py"], GENERAL),
        (["make", "vllm"], GENERAL),
        (["python", "-m", "http.server"], GENERAL),
    ],
)
def test_a_command_names_its_project(command: list[str], form: str) -> None:
    assert form_for(command, "").id == form


@pytest.mark.parametrize(
    ("outer", "inner", "form"),
    [
        ("trl", "transformers", "transformers"),
        ("transformers", "torch", "transformers"),
        ("transformers", "peft", "peft"),
        ("torch", "torch", "torch"),
        ("requests", "urllib3", GENERAL),
    ],
)
def test_the_project_that_raised_is_meant_where_the_command_names_none(
    outer: str, inner: str, form: str
) -> None:
    text = TRACE.format(outer=outer, inner=inner)
    assert form_for(["python", "train.py"], text).id == form


def test_the_users_own_folder_names_no_project() -> None:
    text = 'File "/data/transformers/lib/python3.11/site-packages/requests/x.py", line 1, in f\n'
    assert form_for(["python", "train.py"], text).id == GENERAL


@pytest.mark.parametrize("name", sorted(all_forms()))
def test_every_form_is_filled_in_with_all_its_headings(name: str) -> None:
    form = all_forms()[name]
    command = [form.programs[0], "x"] if form.programs else ["python", "train.py"]
    inner = form.frames[0].strip("/") if form.frames else "requests"
    run = replace(FAILED, command=tuple(command), text=TRACE.format(outer="x", inner=inner))
    if form.is_last_resort:
        run = replace(run, command=("python", "x.py"))
    text = report_text(run, ENVIRONMENT, diagnosis="Because of this.")
    headings = [line[4:] for line in text.splitlines() if line.startswith("### ")]
    assert headings == [section.heading for section in form.sections]
    for piece in ("x.py", "ValueError", "Because of this.", "exit status 1"):
        assert piece in text
    assert (form.address is None) == (name == GENERAL)
    assert form.address is None or form.address in text
    held = {piece for section in form.sections for piece in section.holds}
    assert held >= {"ending", "command", "output", "diagnosis"}
    assert "environment" in held or name == "ollama"


def test_no_secret_or_personal_path_is_in_a_report() -> None:
    token = "hf_" + "aBcDeFgHiJ" * 3 + "aBcD"
    run = replace(
        FAILED,
        command=("python", "/home/adalovelace/train.py", "--token", token),
        text=f"login {token}\nfrom /home/adalovelace/x: ada@corp.example said no\n",
        kill=Kill(is_certain=True, sentences=("It was.",), lines=(f"killed {token}",)),
        quiet=(f"waits in /home/adalovelace/{token}",),
    )
    text = report_text(run, ENVIRONMENT, diagnosis=f"It says {token} to ada@corp.example")
    for secret in (token, "adalovelace", "ada@corp.example"):
        assert secret not in text
    assert "<huggingface-token>" in text or "token>" in text


def test_a_report_does_not_name_the_account_that_it_was_written_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USER", "jdoe")
    run = replace(FAILED, command=("python", "/data/jdoe/x.py"), text="in /data/jdoe/hf: no\n")
    text = report_text(run, ENVIRONMENT, diagnosis="It says /srv/jdoe.")
    assert "/data/<user>/x.py" in text
    assert "in /data/<user>/hf: no" in text


@given(st.text())
def test_nothing_ends_a_block_of_code_or_acts_in_it(text: str) -> None:
    first, *inside, last = fenced(text)
    assert first == f"{last}text"
    assert set(last) == {"`"}
    for line in inside:
        assert last not in line
        assert "\x1b" not in line
        assert "\n" not in line


@settings(max_examples=40)
@given(st.text() | st.text(alphabet="\x1b[]0m;\r\n\x07`<!->").map(lambda one: one * 50))
def test_whatever_a_command_writes_its_report_is_inert(text: str) -> None:
    report = report_text(replace(FAILED, text=text), ENVIRONMENT)
    assert visible(report.replace("\n", "")) == report.replace("\n", "")


def test_of_a_long_output_the_first_and_last_lines_are_shown() -> None:
    lines = excerpt("".join(f"line {number}\n" for number in range(1000))).split("\n")
    assert (lines[0], lines[-1]) == ("line 0", "line 999")
    assert "[800 lines left out]" in lines
    assert len(lines) == 201


def test_an_output_is_no_longer_than_an_issue_can_hold() -> None:
    shown = excerpt("begins" + "x" * 600 + "\n" + ("y" * 600 + "\n") * 500 + "ends")
    assert shown.startswith("begins")
    assert shown.endswith("ends")
    assert len(shown) < 36_100
    assert "characters left out" in shown


def test_an_empty_line_of_the_other_stream_parts_no_traceback() -> None:
    lines = [
        "ok",
        "",
        "Traceback (most recent call last):",
        '  File "x.py", line 2, in <module>',
        "    f()",
        "ValueError: no",
        "",
        "end",
    ]
    parted = [*lines[:3], "", lines[3], "", "", *lines[4:]]
    assert excerpt("\n".join(parted)) == "\n".join(lines)


def test_colors_and_overwritten_bars_are_left_out() -> None:
    assert excerpt("\x1b[31mred\x1b[0m\n 10%|#\r 100%|##########\r\ndone") == (
        "red\n 100%|##########\ndone"
    )


def test_a_diagnosis_is_told_what_shell_and_kernel_would_have_added() -> None:
    crashed = replace(FAILED, text="begins", ending=Ending(signal=11))
    assert told_text(crashed) == "begins\nSegmentation fault\n"
    kill = Kill(is_certain=True, sentences=(), lines=("Out of memory: Killed process 7 (x)",))
    killed = replace(FAILED, text="", ending=Ending(signal=9), kill=kill)
    assert told_text(killed) == "Out of memory: Killed process 7 (x)\n"


@pytest.mark.parametrize("ending", [Ending(signal=9), Ending(status=137)])
def test_a_kill_is_told_without_saying_who_did_it(ending: Ending) -> None:
    killed = replace(FAILED, text="begins", ending=ending)
    assert told_text(killed) == "begins\nThe process was killed by SIGKILL.\n"
    assert told_text(replace(killed, stopped_by_request=True)) == "begins\n"


@pytest.mark.parametrize(
    ("run", "is_failure"),
    [
        (replace(FAILED, ending=Ending(status=0)), False),
        (FAILED, True),
        (replace(FAILED, stopped_by_request=True), False),
        (replace(FAILED, stopped_by_request=True, quiet=("It stood still.",)), True),
        (replace(FAILED, ending=Ending(status=0), quiet=("It stood still.",)), False),
    ],
    ids=["success", "crash", "ctrl-c", "ctrl-c after a hang", "success after a pause"],
)
def test_what_was_told_to_end_has_nothing_to_explain(run: Run, is_failure: bool) -> None:
    assert run.is_failure is is_failure


def test_reports_are_for_the_user_alone_and_do_not_pile_up(tmp_path: Path) -> None:
    folder = report_folder({"XDG_STATE_HOME": str(tmp_path)})
    at = datetime(2026, 1, 2, tzinfo=UTC)
    folder.mkdir(parents=True)
    for number in range(KEPT + 5):
        (folder / f"run-20250101-{number:06}-1.md").touch()
    (folder / "mine.md").touch()
    new = next_report(folder, at)
    new.touch()
    assert len(list(folder.glob("run-*.md"))) == KEPT
    assert (folder / "mine.md").exists()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert report_folder({"HOME": "/home/x"}) == Path("/home/x/.local/state/firstmile/reports")
