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
from firstmile.check.command import Command as Typed
from firstmile.check.command import find_readers
from firstmile.check.examining import KNOWN, check, start_of
from firstmile.check.unit import About, Check, check_ids, find_checks
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, warned
from firstmile.errors import UserError
from firstmile.findings import Outcome

from .command_line import Command

RUN = (sys.executable, "-c", "from firstmile.ui.cli import main; main()")
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 256,
    "max_position_embeddings": 128,
    "torch_dtype": "float32",
}
TOO_LONG = "context-is-longer-than-the-positions"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-home"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)


def serve(model: Path | str, *more: str) -> list[str]:
    return ["--", "vllm", "serve", str(model), *more]


def told(command: Command, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    status, out = command("check", "--format", "json", *arguments)
    assert command.err == ""
    return status, json.loads(out)


def found(data: dict[str, Any], check: str) -> dict[str, Any]:
    return next(one for one in data["findings"] if one["check"] == check)


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


def test_only_runs_what_is_named(command: Command, model: Path) -> None:
    _, data = told(command, "--only", TOO_LONG, *serve(model))
    assert {one["check"] for one in data["findings"]} == {TOO_LONG}
    _, data = told(command, "--only", "tokenizer", *serve(model))
    assert {one["cause"].split("/")[0] for one in data["findings"]} == {"tokenizer"}
    _, finer = told(command, "--only", "tokenizer/file", *serve(model))
    assert 0 < len(finer["findings"]) < len(data["findings"])


def test_only_of_an_unknown_name_is_a_sentence(command: Command) -> None:
    said = command.refused("check", "--only", "context-is-longer-than-the-position")
    assert f"did you mean {TOO_LONG}?" in said


def test_the_checks_are_listed_by_cause(command: Command) -> None:
    status, out = command("check", "--list")
    assert status == 0
    assert all(f"  {one}\n" in out for one in check_ids())
    assert f"{len(check_ids())} checks" in out
    _, few = command("check", "--list", "--only", "tokenizer", "--only", TOO_LONG)
    assert TOO_LONG in few
    assert "padding-token-is-missing" in few
    assert "engine-is-not-installed" not in few
    assert "did you mean tokenizer?" in command.refused("check", "--list", "--only", "tokenizr")


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


def test_an_accepted_failure_is_counted_and_fails_nothing(command: Command, model: Path) -> None:
    accept('reason = "the rest is cut off"')
    run = ("--only", TOO_LONG, *serve(model, "--max-model-len", "4096"))
    status, data = told(command, *run)
    assert status == 0
    assert data["counts"]["suppressed"] == 1
    assert found(data, TOO_LONG)["suppressed"]["reason"] == "the rest is cut off"
    _, out = command("check", "--all", *run)
    assert "Accepted: the rest is cut off" in out
    _, out = command("check", *run)
    assert "A context of 4,096" not in out


@pytest.mark.parametrize("asked", [".", "m.gguf", "..", "command"])
def test_settings_that_come_with_the_model_are_said_and_not_followed(
    command: Command, model: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    place = model / "inner" if asked == ".." else model
    place.mkdir(exist_ok=True)
    (place / "m.gguf").write_bytes(b"GGUF")
    monkeypatch.chdir(place)
    accept('reason = "hidden"')
    named = [] if asked == "command" else [asked]
    asks = (*named, *serve("." if asked == "command" else asked, "--max-model-len", "4096"))
    status, data = told(command, "--only", TOO_LONG, *asks)
    assert status == (1 if asked != "m.gguf" else data["exit_status"])
    assert data["counts"]["suppressed"] == 0
    assert "lies in the model's own folder" in data["notes"][0]
    for style in ("text", "markdown", "html", "sarif", "junit"):
        assert "own folder, may have come" in command("check", "--format", style, *asks)[1].replace(
            "\n", " "
        )
    if asked != "m.gguf":
        status, data = told(command, "--only", TOO_LONG, "--config", "firstmile.toml", *asks)
        assert (status, data["counts"]["suppressed"], data["notes"]) == (0, 1, [])


def test_settings_of_the_working_folder_above_the_model_are_followed(
    command: Command, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    accept('reason = "mine"')
    (model / "firstmile.toml").write_text("nonsense", encoding="utf-8")
    status, data = told(command, "--only", TOO_LONG, *serve("model", "--max-model-len", "4096"))
    assert (status, data["counts"]["suppressed"], data["notes"]) == (0, 1, [])


def test_a_suppression_that_is_over_counts_for_nothing(command: Command, model: Path) -> None:
    accept('reason = "for now"\nuntil = 2020-01-01')
    status, out = command("check", *serve(model, "--max-model-len", "4096"))
    assert status == 1
    assert "ended on 2020-01-01" in out


def test_a_mistake_in_the_settings_is_a_sentence(command: Command, tmp_path: Path) -> None:
    accept("")
    assert "gives no reason" in command.refused("check")
    other = tmp_path / "other.toml"
    other.write_text("[check]\nfoo = 1\n", encoding="utf-8")
    assert "which nothing reads" in command.refused("check", "--config", other)
    assert "is not there" in command.refused("check", "--config", tmp_path / "absent.toml")
    assert "is not there" in command.refused("check", "--config", tmp_path)


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
    assert "not in the Hub cache" in command.refused("check", "octo/absent")
    assert "put -- before" in command.refused("check", "absent-folder")


def test_what_is_here_and_no_model_is_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no model" in command.refused("check", tmp_path / "empty")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert "holds no model" in command.refused("check", tmp_path / "notes.txt")
    _, out = command("check", *serve(tmp_path / "empty"))
    assert "holds no model" in " ".join(out.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("vllm", "serve", "./m", "-tp", "2"), "firstmile check -- vllm serve ./m ..."),
        (("./m", "vllm", "serve", "./m"), "firstmile check ./m -- vllm serve ./m"),
        (("--", "."), ". is a folder, no command: name a model before the --."),
        (("--out", "x.pdf"), "The ending of x.pdf is of no format: say --format, or take one of"),
    ],
)
def test_what_is_typed_in_another_order_is_put_right_in_a_sentence(
    command: Command, words: tuple[str, ...], says: str
) -> None:
    assert says in command.refused("check", *words)


def test_one_file_of_a_model_is_no_model(command: Command, model: Path) -> None:
    assert "is one file of a model: name the folder" in command.refused(
        "check", model / "config.json"
    )


def test_why_a_check_could_not_judge_is_said_where_it_alone_was_asked_for(
    command: Command, model: Path
) -> None:
    status, out = command("check", "--only", TOO_LONG, model)
    assert status == 2
    assert "SKIP  does not apply" in out
    assert "Nothing could be judged" in out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("padding-token", "did you mean padding-token-is-missing or padding-token-is-the-end"),
        ("enviroment/cuda-version", "did you mean environment/cuda-version?"),
        ("xyzzy", "firstmile check --list the checks."),
    ],
)
def test_what_nothing_explains_names_what_may_have_been_meant(
    command: Command, asked: str, says: str
) -> None:
    assert says in command.refused("explain", asked)


def test_a_command_that_nobody_knows_is_a_sentence(command: Command) -> None:
    said = command.refused("check", "--", "frobnicate", "x")
    assert "does not know the command frobnicate: it reads servers (vllm, " in said
    assert "(did you mean llama-server?)" in command.refused(
        "check", "--", "lama-server", "-m", "x"
    )


def test_every_program_that_is_said_to_be_read_has_a_reader() -> None:
    named = " ".join(KNOWN.values()).split()
    for program in named:
        words = (program, "x.py") if program == "python" else (program, "serve")
        assert any(one.reads(Typed(words=words)) for one in find_readers()), program


def test_an_outcome_that_is_none_is_a_sentence() -> None:
    with pytest.raises(UserError, match="'never', which is no outcome: say fail or warn"):
        check(fail_on="never")


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


def test_a_check_is_explained_by_its_id(command: Command) -> None:
    status, out = command("explain", TOO_LONG)
    assert status == 0
    assert "Why" in out
    assert "Fix" in out
    _, both = command("explain", "server-port-is-already-in-use", "--format", "json")
    assert json.loads(both)["check"]["good_state"]
    assert TOO_LONG in command.refused("explain", f"{TOO_LONG}s")


def test_every_check_is_explained() -> None:
    from firstmile.ui.explain_command import check_data

    for one in find_checks():
        data = check_data(one)
        assert all(data[key] for key in ("id", "good_state", "why", "fix", "cause"))


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


def accept(more: str) -> None:
    """Write a suppression into the working folder."""
    Path("firstmile.toml").write_text(
        f'[[check.suppress]]\nid = "{TOO_LONG}"\n{more}\n', encoding="utf-8"
    )


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
