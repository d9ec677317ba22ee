"""`firstmile check`, as a person and a program call it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import pytest

import firstmile
from firstmile.check.checkup import Checkup
from firstmile.check.command_files import start_of
from firstmile.check.examining import check
from firstmile.check.unit import About, Check
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, warned
from firstmile.findings import Outcome
from ui.command_line import Command

from .asking import TOO_LONG, found, serve, told

RUN = (sys.executable, "-c", "from firstmile.ui.cli import main; main()")


def test_a_command_is_judged_with_its_model(command: Command, model: Path) -> None:
    status, data = told(command, *serve(model, "--max-model-len", "4096"))
    assert status == data["exit_status"] == 1
    one = found(data, TOO_LONG)
    assert one["outcome"] == "fail"
    assert {"file": "config.json", "record": None, "text": "max_position_embeddings = 128"} in one[
        "evidence"
    ]
    assert "4096" in data["subject"]


def test_json_is_what_its_schema_says(command: Command, model: Path) -> None:
    status, out = command("check", "--schema")
    assert status == 0
    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    (Path.cwd() / "firstmile.toml").write_text(
        f'[[check.suppress]]\nid = "{TOO_LONG}"\nreason = "x"\nuntil = 2020-01-01\n',
        encoding="utf-8",
    )
    for arguments in (
        [],
        [model],
        serve(model, "--max-model-len", "4096", "--frob"),
        serve("octo/absent"),
    ):
        _, data = told(command, *arguments)
        jsonschema.Draft202012Validator(schema).validate(data)
        broken = {**data, "exit_status": 3}
        assert not jsonschema.Draft202012Validator(schema).is_valid(broken)


def test_without_anything_the_machine_alone_is_judged(command: Command) -> None:
    status, out = command("check")
    assert status in (0, 1)
    assert out.startswith("this machine\n")


@pytest.mark.parametrize(
    ("style", "shows"),
    [
        ("text", "FAIL  A context of 4,096"),
        ("markdown", "**FAIL** A context of 4,096"),
        ("html", "A context of 4,096"),
        ("sarif", "A context of 4,096"),
        ("junit", "A context of 4,096"),
    ],
)
def test_every_format_tells_the_failure(
    style: str, shows: str, command: Command, model: Path
) -> None:
    status, out = command("check", "--format", style, *serve(model, "--max-model-len", "4096"))
    assert status == 1
    assert shows in out
    assert "\x1b" not in out


def test_warnings_fail_where_that_is_asked_for() -> None:
    mild = [unit("a", warned("it may go wrong"))]
    assert check(checks=mild).exit_status == 0
    assert check(checks=mild, fail_on="warn").exit_status == 1


def test_a_check_that_breaks_is_an_error_of_that_check_alone() -> None:
    good, bad = unit("a", passed("fine")), unit("b", KeyError("x"))
    judged = check(checks=[good, bad])
    assert [one.outcome for one in judged.findings] == [Outcome.PASS, Outcome.ERROR]
    assert "KeyError" in judged.findings[1].message
    assert judged.exit_status == 2
    assert check(checks=[bad, unit("c", failed("no"))]).exit_status == 1


def test_nothing_examined_is_never_fine() -> None:
    judged = check(checks=[unit("a", does_not_apply("no model"))])
    assert judged.exit_status == 2
    assert "Nothing could be judged" in str(judged)
    assert repr(judged) == "<Checkup could not be judged, 0 may go wrong>"


def test_a_command_whose_model_is_not_there_is_not_told_to_be_fine(command: Command) -> None:
    status, data = told(command, *serve("absent"))
    assert status == data["exit_status"] == 2
    assert "could not be looked at" in command("check", *serve("absent"))[1]


def test_a_model_that_is_not_mounted_is_said_to_be_none_of_the_container(
    command: Command, model: Path
) -> None:
    _, out = command("check", "--", "docker", "run", "vllm/vllm-openai", "--model", str(model))
    said = " ".join(out.split())
    assert "is a path in the container, and no mounted folder has it" in said
    assert "is no folder or file here" not in said


def test_a_file_is_written_whole_and_its_ending_says_the_format(
    command: Command, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "found.sarif"
    status, said = command("check", "--out", out, *serve(model, "--max-model-len", "4096"))
    assert status == 1
    assert said.startswith("Written to ")
    assert json.loads(out.read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert "could not be written" in command.refused("check", "--out", tmp_path / "no" / "x.json")
    os.mkfifo(tmp_path / "pipe")
    assert "is no plain file" in command.refused("check", "--out", tmp_path / "pipe")
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []


def test_a_snapshot_is_judged_as_the_machine_it_comes_from(
    command: Command, model: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "s.json"
    assert command("facts", model, "--out", saved)[0] == 0
    run = serve("elsewhere", "--max-model-len", "4096")
    status, data = told(command, "--only", TOO_LONG, "--snapshot", saved, *run)
    assert status == 1
    assert found(data, TOO_LONG)["outcome"] == "fail"


def test_a_broken_snapshot_is_a_sentence(command: Command, tmp_path: Path) -> None:
    broken = tmp_path / "s.json"
    for text in ("", "{", "[]", '{"schema": 1, "environment": 3}', '{"schema": 99}'):
        broken.write_text(text, encoding="utf-8")
        assert str(broken) in command.refused("check", "--snapshot", broken)
    assert "cannot be read" in command.refused("check", "--snapshot", tmp_path / "absent.json")


def test_a_model_of_the_hub_is_looked_for_in_the_cache(
    command: Command, model: Path, tmp_path: Path
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "hub-home" / "hub" / "models--octo--tiny"
    (cached / "snapshots").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit, encoding="ascii")
    model.rename(cached / "snapshots" / commit)
    status, _ = told(command, "--only", TOO_LONG, *serve("octo/tiny", "--max-model-len", "4096"))
    assert status == 1
    status, _ = told(command, "--only", TOO_LONG, "octo/tiny", *serve("x", "--max-model-len", "9"))
    assert status == 0


def test_a_model_that_is_nowhere_is_said(command: Command) -> None:
    _, out = command("check", *serve("octo/absent"))
    assert "The model could not be looked at: octo/absent is no folder" in out
    assert "not in the Hub cache: --online reads it on the Hub." in " ".join(out.split())
    _, out = command("check", "--", "ollama", "run", "octo3:70b")
    assert "Ollama's own store is not looked into." in " ".join(out.split())
    assert "Hub" not in out
    assert "not in the Hub cache" in command.refused("check", "octo/absent")
    assert "put -- before" in command.refused("check", "absent-folder")


def test_what_is_here_and_no_model_is_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no model" in command.refused("check", tmp_path / "empty")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert "holds no model" in command.refused("check", tmp_path / "notes.txt")
    _, out = command("check", *serve(tmp_path / "empty"))
    assert "holds no model" in " ".join(out.split())


def test_the_packages_of_another_python_are_read(command: Command, tmp_path: Path) -> None:
    assert "is not there" in command.refused("check", "--python", tmp_path / "absent")
    assert told(command, "--python", sys.executable)[0] in (0, 1)


def test_data_files_of_a_training_are_looked_into(tmp_path: Path, model: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('{"messages": [{"role": "user", "content": "x"}]}\n', encoding="utf-8")
    judged = check(None, f"trl sft --model_name_or_path {model} --dataset_name {data}")
    assert judged.exit_status in (0, 1)
    assert start_of(str(data), 5) == b'{"mes'


def test_a_pipe_in_the_place_of_a_file_stops_nobody(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert start_of(str(pipe), 5) is None
    assert start_of(str(tmp_path), 5) is None
    assert start_of("\0", 5) is None


def test_a_folder_that_may_not_be_read_is_said(command: Command, model: Path) -> None:
    model.chmod(0)
    try:
        status, data = told(command, model)
    finally:
        model.chmod(0o755)
    assert status in (0, 1, 2)
    if os.geteuid():
        assert any(one["what"].startswith("model: ") for one in data["not_known"])


def test_names_that_act_on_terminals_are_inert(command: Command, model: Path) -> None:
    (model / "\x1b[31m<script>=1+1|.safetensors").write_bytes(b"<html>")
    for style in ("text", "json", "markdown", "html", "sarif", "junit"):
        _, out = command("check", "--all", "--format", style, *serve(model, "--\x1b[31mfrob"))
        assert "\x1b" not in out
        if style in ("html", "junit"):
            assert "<script" not in out


def test_the_package_can_be_called_and_stays_a_package(model: Path) -> None:
    judged = firstmile.check(model, f"vllm serve {model} --max-model-len 4096")
    assert isinstance(judged, Checkup)
    assert judged.exit_status == 1
    assert "A context of 4,096" in str(judged)
    assert "A context of 4,096" in judged._repr_html_()
    from firstmile.check import running

    assert running is sys.modules["firstmile.check.running"]
    with pytest.raises(TypeError):
        firstmile.check(model, frob=1)  # type: ignore[call-arg]


def test_no_color_and_pipes_have_plain_text(model: Path) -> None:
    done = subprocess.run([*RUN, "check", str(model)], capture_output=True, timeout=60, check=False)
    assert b"\x1b" not in done.stdout
    assert b"Traceback" not in done.stderr


def test_an_output_that_is_full_is_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*RUN, "check", "--only", TOO_LONG],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells when the work has begun")
def test_ctrl_c_is_one_sentence(model: Path) -> None:
    slow = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    (model / "chat_template.jinja").write_text(slow, encoding="utf-8")
    started = subprocess.Popen(
        [*RUN, "check", str(model)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    for _ in range(3000):
        if any(
            each.read_text(encoding="ascii").strip()
            for each in Path(f"/proc/{started.pid}/task").glob("*/children")
        ):
            break
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    out, said = started.communicate(timeout=60)
    assert (started.returncode, out) == (130, b"")
    assert said.count(b"\n") == 1


def unit(name: str, answer: Verdict | Exception) -> Check:
    """Return a check that answers one thing, or breaks."""

    def judge(*_: Any) -> Verdict:
        if isinstance(answer, Exception):
            raise answer
        return answer

    module = SimpleNamespace(
        __name__=f"firstmile.check.checks.{name}",
        __doc__="It works.\n\nWhy: since.\n\nFix: mend it.",
        ABOUT=About(symptom="crash/other", cause="configuration/inference"),
        judge=judge,
    )
    return cast("Check", module)
