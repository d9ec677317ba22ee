"""`firstmile diagnose` and `firstmile explain`, as a person and a program call them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = (sys.executable, "-c", "from firstmile.ui.cli import main; main()")

LOG = """\
Traceback (most recent call last):
  File "/home/user/run.py", line 3, in <module>
    model.cuda()
torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB (GPU 0; 23.65 GiB \
total capacity; 20.85 GiB already allocated)
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def firstmile(*arguments: str | Path, text: str | bytes = "") -> subprocess.CompletedProcess[bytes]:
    given = text.encode() if isinstance(text, str) else text
    return subprocess.run(
        [*RUN, *map(str, arguments)], input=given, capture_output=True, timeout=60, check=False
    )


def told(*arguments: str | Path, text: str | bytes = "", status: int = 0) -> Any:
    done = firstmile(*arguments, "--format", "json", text=text)
    assert done.returncode == status, done.stderr.decode()
    return json.loads(done.stdout)


def sentence(*arguments: str | Path, text: str | bytes = "") -> str:
    done = firstmile(*arguments, text=text)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    said = done.stderr.decode()
    assert said.startswith("firstmile: ")
    assert said.count("\n") == 1
    return said


def test_a_log_is_diagnosed_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text(LOG, encoding="utf-8")
    data = told("diagnose", log)
    assert data["symptoms"][0]["code"] == "crash/cuda/out-of-memory"
    assert data["symptoms"][0]["label"] == "Crash - CUDA Error - Out of Memory"
    assert data["evidence"][-1]["line"] == 4
    assert not data["abstained"]
    assert {"codebook", "firstmile"} <= data["versions"].keys()
    for arguments in (("diagnose", "-"), ("diagnose",)):
        assert told(*arguments, text=LOG) == data


def test_the_latest_diagnosis_is_shown_again_without_secrets(tmp_path: Path) -> None:
    secret = "hf_" + "Ab1" * 12
    firstmile(
        "diagnose", "-", text=f"{LOG}RuntimeError: CUDA error: token={secret} out of memory\n"
    )
    kept = next((tmp_path / "state").rglob("latest-diagnosis.json"))
    assert secret not in kept.read_text(encoding="utf-8")
    assert kept.parent.stat().st_mode & 0o077 == 0
    again = firstmile("diagnose", "--last")
    assert again.returncode == 0
    assert b"Out of Memory" in again.stdout
    assert again.stdout.startswith(b"Diagnosis of standard input, 20")


def test_without_an_earlier_one_last_is_a_sentence() -> None:
    assert "no earlier diagnosis" in sentence("diagnose", "--last")


def test_logs_of_ranks_are_read_together(tmp_path: Path) -> None:
    for rank in range(2):
        (tmp_path / f"rank{rank}.log").write_text(LOG if rank else "step 1\n", encoding="utf-8")
    data = told("diagnose", tmp_path)
    assert {line["file"] for line in data["evidence"]} >= {"rank1.log"}


def test_a_file_without_text_among_logs_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "rank0.log").write_text(LOG)
    (tmp_path / "core.out").write_bytes(bytes(range(256)) * 8)
    done = firstmile("diagnose", tmp_path)
    assert done.returncode == 0
    assert b"Out of Memory" in done.stdout
    assert b"core.out is no text" in done.stderr
    assert b"It is left out." in done.stderr


@pytest.mark.parametrize(
    "zeros",
    [b"\0", b"\0" * 4_096, b"\0" * 1_500_000],
    ids=["one", "a hole", "a hole larger than what is read whole"],
)
def test_zero_bytes_hide_nothing(tmp_path: Path, zeros: bytes) -> None:
    (tmp_path / "rank0.log").write_text("step 1 ok\n")
    (tmp_path / "rank3.log").write_bytes(zeros + LOG.replace("CUDA", "CU\0DA").encode())
    for data in (
        told("diagnose", tmp_path),
        told("diagnose", tmp_path / "rank3.log"),
        told("diagnose", text=(tmp_path / "rank3.log").read_bytes()),
    ):
        assert data["symptoms"][0]["code"] == "crash/cuda/out-of-memory"
        assert 4 in [line["line"] for line in data["evidence"]]


def test_a_log_of_zero_bytes_alone_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "small.log").write_bytes(bytes(100))
    with (tmp_path / "large.log").open("wb") as file:
        file.truncate(1 << 36)
    for log in "small.log", "large.log":
        assert "holds nothing but zero bytes" in sentence("diagnose", tmp_path / log)
    assert "holds nothing but zero bytes" in sentence("diagnose", text=bytes(2_000_000))


def test_the_mark_of_utf_16_alone_makes_no_utf_16(tmp_path: Path) -> None:
    plain, wide = tmp_path / "plain.log", tmp_path / "wide.log"
    plain.write_bytes(b"\xff\xfe" + LOG.encode())
    wide.write_bytes(LOG.encode("utf-16"))
    for log in plain, wide:
        assert told("diagnose", log)["symptoms"][0]["code"] == "crash/cuda/out-of-memory"


def test_what_was_not_looked_at_of_a_large_log_is_said_beside_the_answer(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("x" * 700_000 + "\n" + "step\n" * 80_000 + LOG, encoding="utf-8")
    done = firstmile("diagnose", log, "--format", "json")
    assert json.loads(done.stdout)["symptoms"][0]["code"] == "crash/cuda/out-of-memory"
    assert "One line is longer than 512 KiB" in done.stderr.decode()


@pytest.mark.parametrize("style", ["text", "markdown", "html"])
def test_every_format_names_symptom_and_proof(style: str) -> None:
    done = firstmile("diagnose", "--format", style, text=LOG)
    assert done.returncode == 0
    assert b"Crash - CUDA Error - Out of Memory" in done.stdout
    assert b"already allocated" in done.stdout


def test_no_answer_is_status_2_and_says_what_would_help() -> None:
    done = firstmile("diagnose", text="everything is fine\n")
    assert done.returncode == 2
    assert b"No answer: nothing in it says that something failed." in done.stdout
    assert b"firstmile facts" in done.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the input is empty"),
        ("\n \n\t\n", "the input is empty"),
        ("asdf qwer zxcv\n", "nothing in it says that something failed"),
    ],
)
def test_nothing_is_ranked_where_nothing_failed(text: str, reason: str) -> None:
    done = firstmile("diagnose", "-", text=text)
    assert done.returncode == 2
    assert done.stdout.decode().startswith(f"No answer: {reason}.\n\nWhat would decide it\n")
    data = told("diagnose", text=text, status=2)
    assert data["nothing_failed"]
    assert data["abstained_because"] == reason
    assert data["symptoms"]
    assert not told("diagnose", text=LOG)["nothing_failed"]


def test_a_batch_answers_line_by_line_in_order(tmp_path: Path) -> None:
    batch = tmp_path / "in.jsonl"
    lines = [json.dumps({"id": n, "text": LOG if n % 2 else "fine"}) for n in range(300)]
    lines[7] = "no json"
    lines.insert(9, "")
    batch.write_text("\n".join(lines), encoding="utf-8")
    done = firstmile("diagnose", "--batch", batch, "--format", "jsonl")
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 300
    assert answers[7]["error"].startswith("Line 8 ")
    assert [one["id"] for one in answers if "id" in one] == [n for n in range(300) if n != 7]
    assert answers[1]["symptoms"][0]["code"] == "crash/cuda/out-of-memory"
    assert answers[0]["abstained"]


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary.log").write_bytes(bytes(range(256)) * 40)
    assert "is not there" in sentence("diagnose", tmp_path / "absent.log")
    assert "holds no logs" in sentence("diagnose", tmp_path / "empty")
    assert "is no text" in sentence("diagnose", tmp_path / "binary.log")
    assert "--batch" in sentence("diagnose", "--format", "jsonl", text="x")
    assert "cannot be read" in sentence("diagnose", "--batch", tmp_path / "absent.jsonl")
    for style in ("html", "markdown", "json"):
        said = sentence("diagnose", "--batch", tmp_path / "absent.jsonl", "--format", style)
        assert f"take jsonl in place of {style}" in said
    for nothing in ("", " \n"):
        assert "There is nothing to explain" in sentence("explain", nothing)
    assert "leave" in sentence("diagnose", "--last", tmp_path / "binary.log")


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00", b"\xc3\x28\n" * 50, b"\x1b[31m" * 50])
def test_strange_bytes_have_an_honest_answer(text: bytes) -> None:
    done = firstmile("diagnose", "-", text=text)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize(
    "note",
    ["loaded mod\xe8le \xfc\xe9".encode("latin-1"), "错误：系统找不到指定的文件".encode("gbk")],
)
def test_bytes_that_are_no_utf_8_are_no_meaningless_output(note: bytes) -> None:
    data = told("diagnose", text=note + b"\n" + LOG.encode())
    assert data["symptoms"][0]["code"] == "crash/cuda/out-of-memory"
    assert data["symptoms"][0]["probability"] > 0.9
    assert not any("meaning" in entry["id"] or "sign" in entry["id"] for entry in data["entries"])


def test_a_known_failure_a_code_and_a_message_are_explained() -> None:
    entry = told("explain", "gpu-memory-is-full")
    assert {"what_happens", "why", "fix", "symptom", "cause"} <= entry.keys()
    assert told("explain", "CUDA out of memory. Tried to allocate 2.00 GiB")["fix"]
    assert told("explain", "crash/cuda/out-of-memory")["label"].startswith("Crash")
    known = firstmile("explain", "crash/cuda/out-of-memory").stdout.decode()
    assert "gpu-memory-is-full" in known
    assert "gpu-memory-is-full" in sentence("explain", "gpu-memory-is-ful-l")
    assert "firstmile diagnose" in sentence("explain", "all is well with this run")


def test_an_explanation_fits_the_terminal_but_for_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    said = firstmile("explain", "flash-attention-was-built-for-another-torch").stdout.decode()
    assert '    python -c "import torch; print(torch.__version__, torch.version.cuda, ' in said
    prose = said[said.index("What happens") :].partition("Learn more")[0].splitlines()
    assert all(len(line) <= 70 for line in prose if not line.startswith("      "))


def test_the_first_words_of_a_known_message_are_enough_to_explain_it() -> None:
    for remembered in ("CUDA out of memory", "cuda  out of memory"):
        assert told("explain", remembered)["id"] == "gpu-memory-is-full"
    met = told("explain", "device-side assert triggered")
    assert met["id"] == "token-id-is-outside-the-embedding-on-the-gpu"
    several = sentence("explain", "is not supported")
    assert "Several known failures have these words, such as " in several
    assert "No known failure" in sentence("explain", "a b")


def test_a_few_words_are_enough_to_explain_what_they_mean() -> None:
    lost = told("explain", "my loss is 0")
    assert lost["id"] == "training-loss-is-zero-because-no-token-has-a-label"
    assert lost["others"] == ["loss-drops-to-zero-within-the-first-steps"]
    assert told("explain", "爆显存")["id"] == "gpu-memory-is-full"
    assert told("explain", "killed")["id"] == "process-was-killed-for-lack-of-main-memory"
    said = firstmile("explain", "my loss is 0").stdout.decode()
    assert "If it is not that\n  loss-drops-to-zero-within-the-first-steps" in said
    assert told("explain", "hang")["code"] == "hang"
