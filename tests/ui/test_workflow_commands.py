"""A study from nothing on the command line: begun, planned, collected; mistakes in one sentence."""

import json
from pathlib import Path

import pytest

from firstmile.study.folder import StudyFolder
from sources.github_server import GitHubServer

from .command_line import DESIGN, REPOSITORY, Command


def test_a_new_study_is_written_once(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    status, out = command("study", "init", folder)
    assert (status, out.strip()) == (0, str(folder / "study.toml"))
    assert (folder / "key").stat().st_mode & 0o077 == 0
    assert "key" in (folder / ".gitignore").read_text().splitlines()
    assert "is a study" in command.refused("study", "init", folder)


def test_commands_that_messages_give_can_be_pasted_for_a_folder_of_any_name(
    command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "our study"
    assert command("study", "init", folder)[0] == 0
    assert f"firstmile study collect '{folder}'" in " ".join(command.err.split())
    assert f"firstmile study collect '{folder}'" in command.refused("study", "screen", folder)
    status, out = command("study", "status", folder, "--format", "json")
    assert (status, str(json.loads(out)["next"][0])) == (
        0,
        f"Put your repositories in the place of owner/name in '{folder / 'study.toml'}'.",
    )


@pytest.mark.parametrize("name", ["published", "engines", "closed-sdks"])
def test_ready_studies_come_along(command: Command, tmp_path: Path, name: str) -> None:
    assert command("study", "init", tmp_path / "new", "--study", name)[0] == 0
    status, out = command("study", "plan", tmp_path / "new", "--issues", "100")
    assert status == 0
    assert "Reading in all" in out


def test_an_unknown_ready_study_names_the_nearest(command: Command, tmp_path: Path) -> None:
    said = command.refused("study", "init", tmp_path / "new", "--study", "engine")
    assert 'nearest: "engines"' in said
    assert not (tmp_path / "new").exists()


def test_collecting_fills_the_study_and_again_asks_once(
    command: Command, study: Path, server: GitHubServer
) -> None:
    status, out = command("study", "collect", study)
    assert status == 0, command.err
    assert f"The study holds {len(server.world.repositories[REPOSITORY].issues())} issues" in out
    server.forget()
    status, out = command("study", "collect", study)
    assert out.startswith("0 new or changed issues of 1 place in 1 request, ")
    assert server.requests == 1


def test_no_name_and_no_token_is_left_in_the_folder(
    command: Command, study: Path, server: GitHubServer
) -> None:
    assert command("study", "collect", study)[0] == 0
    logins = {
        thread.author.login
        for thread in server.world.repositories[REPOSITORY].issues()
        if thread.author
    }
    assert logins
    texts = [issue.thread for issue in StudyFolder.open(study).store.issues()]
    authors = {issue.author for issue in StudyFolder.open(study).store.issues()}
    assert not logins & authors
    assert not [text for text in texts for login in logins if f"@{login} " in text]
    assert not [p for p in study.rglob("*") if p.is_file() and b"ghp_one" in p.read_bytes()]


def test_without_a_token_it_says_how_to_get_one(
    command: Command, study: Path, server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    said = command.refused("study", "collect", study)
    assert "https://github.com/settings/personal-access-tokens/new" in said


def test_a_plan_asks_how_many_issues_there_are(
    command: Command, study: Path, server: GitHubServer
) -> None:
    there = len(server.world.repositories[REPOSITORY].issues())
    assert command("study", "plan", study)[1].startswith(f"{there} issues: about")


def test_a_repository_that_is_gone_keeps_nobody_from_the_others(
    command: Command, study: Path, server: GitHubServer
) -> None:
    text = DESIGN.replace(f'["{REPOSITORY}"]', f'["octo/gone", "{REPOSITORY}"]')
    (study / "study.toml").write_text(text, encoding="utf-8")
    status, out = command("study", "collect", study)
    assert status == 2
    assert 'GitHub shows no "octo/gone"' in command.err
    there = len(server.world.repositories[REPOSITORY].issues())
    assert f"The study holds {there} issues" in out


def test_two_processes_do_not_collect_into_one_study(
    command: Command, study: Path, server: GitHubServer
) -> None:
    with StudyFolder.open(study).lock():
        assert "Another process works on the study" in command.refused("study", "collect", study)


def test_a_full_disk_while_collecting_is_one_sentence_and_loses_nothing(
    command: Command, study: Path, server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        said = command.refused("study", "collect", study, "--quiet")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "The disk is full" in said
    assert command("study", "collect", study)[0] == 0
    held = [issue.number for issue in StudyFolder.open(study).store.issues()]
    world = server.world.repositories[REPOSITORY].issues()
    assert held == sorted(thread.number for thread in world)


def test_status_says_what_to_do_next_at_every_step(
    command: Command, study: Path, server: GitHubServer
) -> None:
    def following() -> str:
        status, out = command("study", "status", study, "--format", "json")
        assert status == 0
        return str(json.loads(out)["next"][0])

    assert "firstmile study collect" in following()
    command("study", "collect", study)
    assert "firstmile study screen" in following()
    command("study", "screen", study)
    assert "wait to be screened: firstmile serve" in following()


def test_a_deleted_store_is_made_again_by_whatever_comes_first(
    command: Command, study: Path, server: GitHubServer
) -> None:
    import shutil

    command("study", "collect", study)
    before = command("study", "status", study)
    shutil.rmtree(study / "store")
    assert command("study", "status", study) == before


@pytest.mark.parametrize(
    "name", ["plan", "collect", "status", "screen", "pilot", "agree", "publish", "duplicates"]
)
def test_a_folder_without_a_study_is_one_sentence(
    command: Command, tmp_path: Path, name: str
) -> None:
    assert "firstmile study init" in command.refused("study", name, tmp_path)


def test_a_mistyped_key_names_the_nearest(command: Command, study: Path) -> None:
    text = DESIGN.replace("repositories", "repositorys")
    (study / "study.toml").write_text(text, encoding="utf-8")
    assert 'nearest: "repositories"' in command.refused("study", "collect", study)
