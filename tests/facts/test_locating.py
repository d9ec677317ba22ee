"""Where a named model lies: a folder, a file, or a repository in the Hub cache."""

from pathlib import Path

import pytest

from firstmile.facts.machine import Machine
from firstmile.facts.model_folder.locating import find_model, is_repository

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    cached = tmp_path / "hub" / "models--octo--tiny"
    (cached / "snapshots" / COMMIT).mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(COMMIT, encoding="ascii")
    return Machine(variables={"HF_HUB_CACHE": str(tmp_path / "hub"), "HOME": str(tmp_path)})


def test_a_repository_is_found_in_the_cache_by_its_reference(machine: Machine) -> None:
    found = find_model("octo/tiny", machine)
    assert found is not None
    assert found.name == COMMIT
    assert find_model("octo/tiny", machine, revision=COMMIT) == found


def test_what_is_not_in_the_cache_is_nowhere(machine: Machine) -> None:
    assert find_model("octo/large", machine) is None
    assert find_model("octo/tiny", machine, revision="v2") is None
    assert find_model("octo/tiny", machine, revision="f" * 40) is None


def test_a_folder_goes_before_the_cache(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "octo" / "tiny").mkdir(parents=True)
    assert find_model("octo/tiny", machine) == Path("octo/tiny")


def test_a_reference_that_names_no_commit_leads_nowhere(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "hub/models--octo--tiny/elsewhere").mkdir()
    (tmp_path / "hub/models--octo--tiny/refs/main").write_text("../elsewhere", encoding="ascii")
    assert find_model("octo/tiny", machine) is None


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "octo/..", "a--b/c", "~nobody/x"])
def test_strange_names_are_nowhere(name: str, machine: Machine) -> None:
    assert find_model(name, machine, revision="../main") is None


def test_repositories_are_owner_and_name() -> None:
    assert is_repository("Qwen/Qwen2.5-7B-Instruct")
    assert not is_repository("./model")
    assert not is_repository("/abs/model")
    assert not is_repository("gpt2")
    assert not is_repository("a/b/c")
