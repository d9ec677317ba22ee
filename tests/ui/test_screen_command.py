"""`firstmile study screen` and the funnel: what it says, freezes, draws and bounds."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from firstmile.study.decisions import ScreenValue, Step
from firstmile.study.design import Design, StudyTable
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Place, make_funnel
from firstmile.ui.workflow_commands import funnel_lines
from sources.github_server import GitHubServer

from .command_line import DESIGN, Command
from .web import studies


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
    assert (
        "10 issues wait to be audited, of the random sample of what was discarded, each on its "
        "whole thread by ada or ben, about 15 minutes in all: firstmile serve"
    ) in " ".join(out.split())
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


def test_a_freeze_while_issues_are_half_screened_names_who_is_behind_and_how_to_go_on(
    command: Command, tmp_path: Path
) -> None:
    design = f'{DESIGN}\n[[raters]]\nname = "cem"\n'
    screened = studies.make(tmp_path / "our study", design=design)
    with screened.decisions() as decisions:
        for number, raters in ((1, ("ada",)), (2, ("ada", "ben")), (3, ("ada", "cem")), (4, ())):
            for rater in raters:
                decisions.append(
                    studies.url_of(number),
                    Step.SCREEN,
                    rater,
                    ScreenValue(include=False, reason="question"),
                    codebook="1.0.0",
                    at=studies.AT,
                    key=f"{number} {rater}",
                )
    said = command.refused("study", "screen", screened.path, "--freeze", "--yes", "--quiet")
    assert "3 issues are half screened" in said
    lacking = "ben has 2 still to decide on, cem has 2 still to decide on: firstmile serve '"
    assert lacking in said
    assert events(screened) == []


def test_what_was_never_screened_is_not_said_to_have_passed(
    command: Command, tmp_path: Path
) -> None:
    folder = studies.make(tmp_path / "study", design=DESIGN)
    _status, out = command("study", "status", folder.path)
    lines = [line.split("  ")[0] for line in out.splitlines() if line.endswith("not yet screened")]
    assert lines[:4] == [
        "Opened in the date range",
        "Keyword screen",
        "One of each group of duplicates",
        "Reviewer screen",
    ]
    _status, out = command("study", "status", folder.path, "--format", "json")
    first, *later = json.loads(out)["funnel"]
    assert (first["waiting"], first["passed"]) == (len(studies.REPORTS), 0)
    assert not any(step["entered"] for step in later)
    command("study", "screen", folder.path)
    assert "not yet screened" not in command("study", "status", folder.path)[1]
    studies.add_issues(folder, studies.REPORTS[:1], repository="acme/newer")
    _status, out = command("study", "status", folder.path)
    assert "since issues or study.toml changed after the last screen: firstmile" in " ".join(
        out.split()
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
