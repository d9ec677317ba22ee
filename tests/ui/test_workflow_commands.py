"""A study from nothing on the command line: each step, and each mistake in one sentence."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.study.decisions import LabelValue, ScreenValue, Step
from firstmile.study.design import Design, StudyTable
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Place, make_funnel
from firstmile.study.settings import read_confusions
from firstmile.ui import cli
from firstmile.ui.workflow_commands import funnel_lines
from sources.github_server import GitHubServer, invent, serve

from .web import studies

REPOSITORY = "octo/engine"
RATERS = '\n[[raters]]\nname = "ada"\n[[raters]]\nname = "ben"\n'
SOURCE = f'\n[[sources]]\nkind = "github"\nrepositories = ["{REPOSITORY}"]\n'
DESIGN = f'[study]\nname = "Ours"\n{SOURCE}{RATERS}\n[screen]\naudit = 10\n[label]\npilot = 3\n'


class Command:
    """Runs the command line in this process; returns its status and what it wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: str | Path) -> tuple[int, str]:
        status = 0
        try:
            cli.main([str(one) for one in arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, self.err = self._capsys.readouterr()
        return status, out

    def refused(self, *arguments: str | Path) -> str:
        """Run into a mistake and return its one sentence."""
        status, out = self(*arguments)
        assert (status, out) == (2, ""), (out, self.err)
        assert len(self.err.strip().splitlines()) == 1
        return self.err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    with serve(invent(60, repositories=[REPOSITORY])) as running:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", running.url)
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_one")
        monkeypatch.delenv("FIRSTMILE_GITHUB_TOKENS", raising=False)
        yield running


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(DESIGN, encoding="utf-8")
    return folder


def test_a_new_study_is_written_once(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    status, out = command("study", "init", folder)
    assert (status, out.strip()) == (0, str(folder / "study.toml"))
    assert (folder / "key").stat().st_mode & 0o077 == 0
    assert "key" in (folder / ".gitignore").read_text().splitlines()
    assert "is a study" in command.refused("study", "init", folder)


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


def test_the_screen_freezes_draws_and_bounds(
    command: Command, study: Path, server: GitHubServer
) -> None:
    command("study", "collect", study)
    command("study", "screen", study)
    opened = StudyFolder.open(study)
    urls = opened.store.table(["url"]).column("url").to_pylist()
    with opened.decisions() as decisions:
        for number, url in enumerate(urls[:20]):
            for rater in ("ada", "ben"):
                decisions.append(
                    url,
                    Step.SCREEN,
                    rater,
                    ScreenValue(include=number < 10, reason=None if number < 10 else "question"),
                    codebook="1.0.0",
                    at=studies.AT,
                    key=f"{rater}{number}",
                )
    status, out = command("study", "screen", study, "--freeze", "--yes")
    assert status == 0, command.err
    assert "10 issues of the random sample of what was discarded wait to be read" in out
    with opened.decisions() as decisions:
        (drawn,) = decisions.events("audit-drawn")
        for number, url in enumerate(drawn.data["issues"]):
            decisions.append(
                url,
                Step.AUDIT,
                "ada",
                ScreenValue(include=number == 0, reason=None if number == 0 else "question"),
                codebook="1.0.0",
                at=studies.AT,
                key=f"audit {number}",
            )
        for number, url in enumerate([*urls[:10], drawn.data["issues"][0]]):
            decisions.append(
                url,
                Step.VERIFY,
                "ada",
                ScreenValue(include=True),
                codebook="1.0.0",
                at=studies.AT,
                key=f"verify {number}",
            )
    out = " ".join(command("study", "screen", study)[1].split())
    assert "10 were sampled and 1 of those is a failure: with 95% confidence at most" in out


@pytest.fixture
def screened(tmp_path: Path) -> StudyFolder:
    return studies.make(tmp_path / "screened", design=DESIGN)


def events(folder: StudyFolder) -> list[str]:
    with folder.decisions() as decisions:
        return [event.name for event in decisions.events()]


def keep(folder: StudyFolder, number: int) -> None:
    """Have both raters keep an issue in the screen."""
    url = studies.url_of(number)
    with folder.decisions() as decisions:
        for rater in ("ada", "ben"):
            decisions.append(
                url,
                Step.SCREEN,
                rater,
                ScreenValue(include=True),
                codebook="1.0.0",
                at=studies.AT,
                key=f"keep {number} {rater}",
            )


@pytest.mark.parametrize(
    ("reasons", "last"),
    [
        (8, "1 reason 8"),
        (9, "and 1 more reason (1 issue)"),
        (12, "and 4 more reasons (10 issues)"),
    ],
)
def test_reasons_that_are_not_named_are_counted(reasons: int, last: str) -> None:
    excluded = {
        f"{reason}/{place}": (Place.NO_KEYWORD, f"reason {reason}")
        for reason in range(1, reasons + 1)
        for place in range(reasons - reason + 1)
    }
    design = Design(study=StudyTable(name="Ours"))
    funnel = make_funnel([*excluded], excluded, dict.fromkeys(Step, ()), design)
    lines = [line for line in funnel_lines(funnel) if "reason" in line]
    assert " ".join(lines[-1].split()) == last
    assert len(lines) == min(reasons, 9)


def test_freezing_off_a_terminal_needs_yes_and_says_what_it_would_do(
    command: Command, screened: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open(encoding="utf-8") as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        said = command.refused("study", "screen", screened.path, "--freeze")
        assert re.search(r"\d+ issues that nobody has read will be given up", said)
        assert "a random sample of 10 of the 12 discarded issues" in said
        assert "cannot be undone" in said
        assert "--yes" in said
        assert events(screened) == []
        assert command("study", "screen", screened.path, "--freeze", "--yes")[0] == 0
        assert events(screened) == ["frozen", "audit-drawn"]
        assert command("study", "screen", screened.path, "--freeze")[0] == 0
        assert "it stands, and no other one is drawn" in " ".join(command.err.split())
        assert events(screened) == ["frozen", "audit-drawn"]
        keep(screened, 1)
        again = command.refused("study", "screen", screened.path, "--freeze")
        assert "This would be look 2 and the study plans 1" in again


@pytest.mark.parametrize(("answer", "status"), [("n", 1), ("", 1), ("y", 0)])
def test_freezing_on_a_terminal_asks(
    command: Command,
    screened: StudyFolder,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    status: int,
) -> None:
    keyboard, terminal = os.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    with os.fdopen(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert command("study", "screen", screened.path, "--freeze")[0] == status
    os.close(keyboard)
    assert "cannot be undone" in " ".join(command.err.split())
    assert bool(events(screened)) is (status == 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
def test_a_study_that_changed_during_the_question_is_not_frozen(screened: StudyFolder) -> None:
    keyboard, terminal = os.openpty()
    command = [sys.executable, "-m", "firstmile", "study", "screen", str(screened.path), "--freeze"]
    with subprocess.Popen(
        command, stdin=terminal, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stderr is not None
        said = b""
        while b"Go on?" not in said:
            said += (piece := process.stderr.read(4_096))
            assert piece, said
        keep(screened, 1)
        os.write(keyboard, b"y\n")
        said = process.stderr.read()
    os.close(keyboard)
    os.close(terminal)
    assert process.returncode == 2
    assert b"changed meanwhile, so nothing was frozen" in b" ".join(said.split())
    assert events(screened) == []


HANG = LabelValue(symptom="hang/generation", cause="hardware/gpu-memory", stage="inference")
SLOW = LabelValue(symptom="slow/inference", cause="hardware/gpu-memory", stage="inference")


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Return a study whose issues are verified, six of them labelled by both raters."""
    folder = studies.make(tmp_path / "labelled", design=DESIGN)
    studies.include_all(folder)
    urls = folder.store.table(["url"]).column("url").to_pylist()
    for number, url in enumerate(urls[:6]):
        studies.label(folder, url, "ada", symptom="hang/generation", cause="api", stage="inference")
        symptom = "slow/inference" if number == 0 else "hang/generation"
        studies.label(folder, url, "ben", symptom=symptom, cause="api", stage="inference")
    return folder.path


def test_agreement_is_said_and_written(command: Command, labelled: Path, tmp_path: Path) -> None:
    status, out = command("study", "agree", labelled, "--out", tmp_path / "agreement")
    assert status == 0, command.err
    assert "Gwet's AC1" in out
    written = {path.name for path in (tmp_path / "agreement").iterdir()}
    assert {"index.html", "report.json", "confusion-symptom.csv", "confusion-cause.csv"} <= written
    confusion = f"symptom={tmp_path / 'agreement' / 'confusion-symptom.csv'}"
    (matrix,) = read_confusions([confusion]).values()
    assert matrix.sum(axis=1) == pytest.approx(1)


def test_publishing_and_reporting_need_no_other_step(
    command: Command, labelled: Path, tmp_path: Path
) -> None:
    assert "is not published yet" in command.refused("study", "report", labelled)
    status, out = command("study", "publish", labelled)
    assert status == 0, command.err
    assert out.splitlines()[-1] == str(labelled / "published")
    assert command("study", "publish", labelled, "--check")[0] == 0
    status, out = command("study", "report", labelled)
    assert status == 0, command.err
    assert "5 labelled failures" in out
    assert (labelled / "report" / "index.html").is_file()


def test_a_pilot_is_opened_discussed_and_ended(command: Command, tmp_path: Path) -> None:
    folder = studies.make(tmp_path / "pilot", design=DESIGN)
    studies.include_all(folder)
    assert "No pilot round is open" in command.refused("study", "pilot", folder.path, "--end")
    assert "Pilot round 1 is open" in command("study", "pilot", folder.path, "--open")[1]
    assert "was not discussed yet" in command.refused("study", "pilot", folder.path, "--open")
    assert "counts as discussed" in command("study", "pilot", folder.path, "--discussed")[1]
    assert "Pilot round 2 is open" in command("study", "pilot", folder.path, "--open")[1]
    with folder.decisions() as decisions:
        first, second = decisions.events("pilot-opened")
    assert len(first.data["issues"]) == len(second.data["issues"]) == 3
    assert not set(first.data["issues"]) & set(second.data["issues"])
    assert "has ended" in command("study", "pilot", folder.path, "--end")[1]


def test_labels_go_out_and_come_back(command: Command, labelled: Path, tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    assert command("study", "export", labelled, "--out", file)[0] == 0
    assert "0 labels recorded" in command("study", "import", labelled, file)[1]
    text = file.read_text(encoding="utf-8").replace("slow/inference", "slow/loading")
    file.write_text(text, encoding="utf-8", newline="")
    assert "1 label recorded" in command("study", "import", labelled, file)[1]
    file.write_text(text.replace(",ada,", ",adda,", 1), encoding="utf-8", newline="")
    assert re.search(r'labels\.csv.*"adda"', command.refused("study", "import", labelled, file))
    tasks = tmp_path / "tasks.json"
    _status, out = command("study", "export", labelled, "--format", "label-studio", "--out", tasks)
    assert out.split() == [str(tasks), str(tmp_path / "tasks.xml")]
    assert len(json.loads(tasks.read_text())) == 6


def test_a_person_is_no_model(command: Command, labelled: Path) -> None:
    said = command.refused("study", "label", labelled, "--rater", "ada")
    assert '"ada" is a person' in said
    assert "there: ada, ben" in command.refused("study", "label", labelled, "--rater", "eve")


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
