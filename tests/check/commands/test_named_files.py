"""Scripts and settings files of a command: whether they are there, where that can be known."""

import json
from pathlib import Path

import pytest

from firstmile.check.command import Command, read_command
from firstmile.check.commands.notebooks import LARGEST
from firstmile.check.examining import command_of
from firstmile.check.intent import NamedFile


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with a script and files of settings."""
    for name in ("train.py", "sft.yaml", "ds.json", "Modelfile", "job.ipynb"):
        (tmp_path / name).write_text('{"cells": []}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _files(command: str, *, is_here: bool = True) -> tuple[NamedFile, ...]:
    typed = command_of(command, variables={}, is_here=is_here)
    assert typed is not None
    intent = read_command(typed)
    assert intent is not None
    return intent.files


def _missing(command: str) -> list[str]:
    return [one.path for one in _files(command) if not one.is_there]


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("python nope.py", ["nope.py"]),
        ("llama-server -m nope.gguf", ["nope.gguf"]),
        ("llama-server -hf owner/name-GGUF", []),
        ("torchrun --nproc-per-node 2 nope.py", ["nope.py"]),
        ("uv run nope.py", ["nope.py"]),
        ("llamafactory-cli train nope.yaml", ["nope.yaml"]),
        ("axolotl train nope.yml", ["nope.yml"]),
        ("accelerate launch --config_file nope.yaml train.py", ["nope.yaml"]),
        ("deepspeed train.py --deepspeed nope.json", ["nope.json"]),
        ("deepspeed --deepspeed ds.json nope.py", ["nope.py"]),
        ("trl sft --config nope.yaml", ["nope.yaml"]),
        ("tune run lora_finetune_single_device --config nope.yaml", ["nope.yaml"]),
        ("trtllm-serve m --extra_llm_api_options nope.yaml", ["nope.yaml"]),
        ("apptainer exec x.sif python nope.py", ["nope.py"]),
        ("apptainer exec --env-file nope.env x.sif vllm serve m", ["nope.env"]),
        ("vllm serve m --config nope.yaml", ["nope.yaml"]),
        ("sglang serve --config nope.yaml", ["nope.yaml"]),
        ("vllm serve m --chat-template nope.jinja", ["nope.jinja"]),
        ("sglang serve m --chat-template nope.jinja", ["nope.jinja"]),
        ("llama-server -hf a/m --chat-template-file nope.jinja", ["nope.jinja"]),
        ("ollama create mine -f nope", ["nope"]),
        ("jupyter execute nope.ipynb", ["nope.ipynb"]),
        ("docker compose -f nope.yaml up", ["nope.yaml"]),
        ("docker run --env-file nope.env vllm/vllm-openai --model m", ["nope.env"]),
        ("bash nope.sh", ["nope.sh"]),
        ("./nope.sh", ["./nope.sh"]),
        ("bash -c 'python nope.py'", ["nope.py"]),
        ("python deeper/nope.py", ["deeper/nope.py"]),
        ("docker run -v $PWD:/w -w /w image python nope.py", ["nope.py"]),
        ("DOCKER_HOST=unix:///x docker run -v $PWD:/w -w /w image python nope.py", ["nope.py"]),
        ("srun --chdir=$PWD python nope.py", ["nope.py"]),
        ("mpirun -np 2 -wdir $PWD python nope.py", ["nope.py"]),
        ("bash -c '(cd deeper; ls); python nope.py'", ["nope.py"]),
        ("bash -c 'pushd deeper; popd; python nope.py'", ["nope.py"]),
        ("bash -c 'python nope.py 2>&1'", ["nope.py"]),
        ("bash -c 'python nope.py > log.txt 2>/dev/null'", ["nope.py"]),
        ("bash -c 'python nope.py > $LOG.txt'", ["nope.py"]),
        ("jupyter nbconvert --execute --output out.ipynb nope.ipynb", ["nope.ipynb"]),
    ],
)
def test_a_file_that_is_not_there_is_told(command: str, missing: list[str]) -> None:
    command = command.replace("$PWD", str(Path.cwd()))
    assert _missing(command) == missing


@pytest.mark.parametrize(
    "command",
    [
        "python train.py --deepspeed ds.json",
        "llamafactory-cli train sft.yaml",
        "ollama create mine",
        "jupyter execute job.ipynb",
    ],
)
def test_files_that_are_there_are_told_to_be(command: str) -> None:
    found = _files(command)
    assert found
    assert all(one.is_there for one in found)


@pytest.mark.parametrize(
    "command",
    [
        "docker run image python /opt/train.py",
        "docker run -w /w image python train.py",
        "docker run -v /srv/x9:/w -w /w image python train.py",
        "env DOCKER_HOST=ssh://h docker run -v $PWD:/w -w /w image python nope.py",
        "mpirun -np 2 -wdir /w python t9.py",
        "srun --chdir=/cluster/x python t9.py",
        "env -C /cluster/x python t9.py",
        "bash -c '(cd deeper; python nope.py)'",
        "bash -c 'source setup.bash; python nope.py'",
        "bash -c '. ./setup; python nope.py'",
        "bash -c 'echo x > nope.py; python nope.py'",
        "bash -c 'echo x > $FILE; python nope.py'",
        "uv run https://example.org/nope.py",
        "docker compose -f oci://example.org/nope up",
        "docker compose -f git@example.org:a/nope.git up",
        "papermill s3://b/in.ipynb",
        "papermill - out.ipynb",
        "papermill job.ipynb out.ipynb",
        "bash /dev/stdin",
        "bash -c 'git clone https://example.org/x && python x/train.py'",
        "bash -c 'cd x && python train.py'",
        "bash -c 'cat a > conf.py; python conf.py'",
        "bash -c 'python $WHERE/train.py'",
        "python ~/train.py",
        "python -m train",
        "job.sh",
        "axolotl train https://example.org/x.yml",
        "tune run full_finetune_distributed --config llama3/8B_full",
        "apptainer exec --containall x.sif python /opt/train.py",
        "vllm serve meta-llama/Llama-3.1-8B",
        "llama-server -hf owner/m-GGUF -m m-Q4_K_M.gguf",
        "llama-server -mu https://example.org/m.gguf -m models/m.gguf",
        "llama-server -dr ai/gemma3 -m models/m.gguf",
        "sglang serve m --chat-template llama-2",
        "docker run vllm/vllm-openai --model m --chat-template examples/tool_chat.jinja",
    ],
)
def test_what_may_be_elsewhere_or_made_before_is_not_told_to_be_missing(command: str) -> None:
    command = command.replace("$PWD", str(Path.cwd()))
    assert _missing(command) == []


def test_files_of_another_machine_are_not_looked_for() -> None:
    assert _files("python nope.py", is_here=False) == ()


def test_names_alike_beside_it_are_told() -> None:
    (one,) = _files("llamafactory-cli train stf.yml")
    assert one == NamedFile(path="stf.yml", is_there=False, alike=("sft.yaml",))
    (inner,) = _files(f"python {Path.cwd()}/trian.py")
    assert inner.alike == (f"{Path.cwd()}/train.py",)


def test_a_file_that_may_not_be_read_is_there(folder: Path) -> None:
    (folder / "x.yaml").mkdir()
    assert _missing("llamafactory-cli train x.yaml") == []


def test_a_command_without_a_machine_says_nothing_of_its_files() -> None:
    intent = read_command(Command(words=("python", "nope.py")))
    assert intent is not None
    assert intent.files == ()


def test_a_notebook_with_large_pictures_is_read(folder: Path) -> None:
    picture = {"data": {"image/png": "A" * (10 * 2**20)}}
    cell = {"cell_type": "code", "source": "llm = LLM('./m')", "outputs": [picture]}
    first = {"cell_type": "code", "source": "from vllm import LLM", "outputs": []}
    (folder / "job.ipynb").write_text(json.dumps({"cells": [first, cell]}), encoding="utf-8")
    typed = command_of("jupyter execute job.ipynb", variables={})
    assert typed is not None
    intent = read_command(typed)
    assert intent is not None
    assert (intent.engine, intent.model, intent.unread) == ("vllm", "./m", ())


def test_a_notebook_that_is_too_large_says_so(folder: Path) -> None:
    with (folder / "job.ipynb").open("wb") as file:
        file.truncate(LARGEST + 1)
    typed = command_of("jupyter execute job.ipynb", variables={})
    assert typed is not None
    intent = read_command(typed)
    assert intent is not None
    assert "it is larger than 64 MiB and was not read" in intent.unread[0]
