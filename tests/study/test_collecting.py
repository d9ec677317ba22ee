"""Collecting says what it kept, what it could not have, and what it took out."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.collecting import Collected, collect
from firstmile.study.folder import StudyFolder, make_study
from sources.export_files import lines, rest_comment, rest_issue
from sources.github_server import Faults, invent, serve

REPOSITORY = "octo/engine"
GITHUB = f'kind = "github"\nrepositories = ["{REPOSITORY}"]'
EXPORT = 'kind = "rest-export"\nfiles = ["*.jsonl"]'
COMMAND = [sys.executable, "-m", "firstmile", "study"]


def study_of(folder: Path, source: str) -> StudyFolder:
    return make_study(folder / "study", f'[study]\nname = "s"\n[[sources]]\n{source}\n')


def run(study: StudyFolder, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, words[0], str(study.path), *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.long
def test_ctrl_c_says_what_is_kept_and_status_counts_it(tmp_path: Path) -> None:
    study = study_of(tmp_path, GITHUB)
    faults = Faults(largest_page=20, slow_seconds=6.0)
    faults.script.extend(["", "", "", "slow"])
    with serve(invent(60, repositories=[REPOSITORY], long=0), faults) as server:
        process = subprocess.Popen(
            [*COMMAND, "collect", str(study.path)],
            env=os.environ | {"FIRSTMILE_GITHUB_API": server.url, "GITHUB_TOKEN": "ghp_one"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 30
        while not list(study.path.rglob("*.jsonl.gz")) and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=30)
    kept = sum(1 for page in study.archive.pages() for _ in page.records())
    assert 0 < kept < 60
    assert (process.returncode, out) == (130, "")
    assert said.splitlines()[0] == (
        f"firstmile: {kept} issues so far are kept; the same command goes on."
    )
    assert "Traceback" not in said
    status = json.loads(run(study, "status", "--format", "json").stdout)
    assert sum(status["repositories"].values()) == kept


def test_a_file_that_cannot_be_read_hides_nothing_of_those_before(tmp_path: Path) -> None:
    study = study_of(tmp_path, EXPORT)
    (study.path / "a.jsonl").write_bytes(lines([rest_issue(1)]))
    (study.path / "b.jsonl").write_bytes(b"<html>")
    ended = run(study, "collect")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "b.jsonl is a web page" in ended.stderr
    assert len(study.store) == 1


def test_an_export_that_names_no_issue_is_a_mistake_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, EXPORT)
    (study.path / "a.jsonl").write_bytes(lines([{"title": "x"}, {"title": "y"}]))
    (study.path / "b.jsonl").write_bytes(lines([rest_issue(1)]))
    ended = run(study, "collect")
    assert ended.returncode == 2
    assert ended.stderr == (
        "firstmile: 1 of 2 could not be collected, the other was: a.jsonl names no issue, neither "
        "by address nor by repository and number, in any of its 2 records: export it again with "
        "the addresses.\n"
    )
    assert "The study holds 1 issue.\n" in ended.stdout


@pytest.mark.parametrize(
    ("targets", "failures", "said"),
    [
        (3, (), ""),
        (1, ("It is gone.",), "It is gone."),
        (2, ("A.", "B."), "None of 2 could be collected: A. B."),
        (2, ("A.",), "1 of 2 could not be collected, the other was: A."),
        (1_500, ("A.",), "1 of 1,500 could not be collected, the other 1,499 were: A."),
    ],
)
def test_what_failed_is_said_truthfully(targets: int, failures: tuple[str, ...], said: str) -> None:
    assert Collected(targets=targets, failures=failures).failed == said


def test_names_that_became_pseudonyms_are_told_apart_from_what_was_replaced(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, EXPORT)
    body = "Mail ada@example.org, see /home/ada/x, cc @bob and https://github.com/eve."
    issue = rest_issue(1, body=body, comments=[rest_comment(1, body="Fine.")])
    (study.path / "a.jsonl").write_bytes(lines([issue]))
    found = collect(study)
    assert found.redacted == {"account": 2, "mention": 1, "profile": 1, "email": 1, "user": 1}
    assert (found.names, found.replaced) == (4, 2)


def test_a_full_pass_over_a_file_tells_what_is_as_before_from_what_is_new(tmp_path: Path) -> None:
    study = study_of(tmp_path, EXPORT)
    (study.path / "a.jsonl").write_bytes(lines([rest_issue(n) for n in (1, 2, 3)]))
    assert (collect(study).records, collect(study).records) == (3, 0)
    again = collect(study, full=True)
    assert (again.records, again.same) == (0, 3)
    assert "0 new or changed issues of 1 place in 2 kB" in again.summary
    assert "; 3 issues read again as before" in again.summary
    changed = [rest_issue(1), rest_issue(2, body="Other."), rest_issue(3), rest_issue(4)]
    (study.path / "a.jsonl").write_bytes(lines(changed))
    again = collect(study, full=True)
    assert (again.records, again.same) == (2, 2)


def test_a_summary_names_no_cost_and_no_replacement_that_there_was_not() -> None:
    found = Collected(targets=2, records=1, bytes=2_000_000, seconds=3.2)
    assert found.summary == "1 new or changed issue of 2 places in 2.0 MB and 3 s."
    found = Collected(targets=1, requests=2, redacted={"email": 1, "account": 2})
    assert found.summary == (
        "0 new or changed issues of 1 place in 2 requests, 0 kB and 0 s; 2 account names became "
        "pseudonyms; 1 secret, address, host or name replaced."
    )


def test_repositories_that_no_file_holds_are_told_with_those_that_it_holds(tmp_path: Path) -> None:
    study = study_of(tmp_path, EXPORT + '\nrepositories = ["o/typo"]')
    (study.path / "a.jsonl").write_bytes(lines([rest_issue(1), rest_issue(2)]))
    found = collect(study)
    assert found.records == 0
    assert found.warnings == (
        "a.jsonl holds no issue of the repositories that the study names; it holds issues of o/r.",
    )
    (study.path / "b.jsonl").write_bytes(
        lines([rest_issue(3, html_url="https://github.com/o/typo/issues/3")])
    )
    assert collect(study).warnings == ()


def test_a_study_that_names_no_repository_yet_is_told_so_before_a_token_is_asked_for(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, 'kind = "github"\nrepositories = ["owner/name"]')
    with pytest.raises(UserError, match='still names "owner/name": write the repositories'):
        collect(study)


def test_runs_that_find_nothing_new_leave_the_archive_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(tmp_path, GITHUB)
    times = (datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 29))
    with serve(invent(40, repositories=[REPOSITORY])) as server:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", server.url)

        def again(*, full: bool = False) -> Collected:
            return collect(study, credentials=["ghp_one"], full=full, now=lambda: next(times))

        again()
        kept = {path: path.read_bytes() for path in study.path.rglob("*.jsonl.gz")}
        for full in (False, False, True, False):
            assert again(full=full).records == 0
        assert {path: path.read_bytes() for path in study.path.rglob("*.jsonl.gz")} == kept
        assert again().requests == 1
        last = study.archive.last("github", REPOSITORY)
        assert last is not None
        first = min(page.head.fetched_at for page in study.archive.pages())
        assert last.fetched_at > first
        server.world.comment(REPOSITORY, max(_numbers(study)), body="new")
        assert again().records == 1
    assert len(list(study.path.rglob("*.jsonl.gz"))) == len(kept) + 1


def test_a_pass_that_is_killed_after_files_were_removed_still_brings_every_issue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(tmp_path, GITHUB)

    world = invent(60, repositories=[REPOSITORY], long=0)

    def go(*, page: int = 20, killed_at: int = 0) -> None:
        def say(_line: str) -> None:
            if killed_at and len(list(study.path.rglob("*.jsonl.gz"))) == killed_at:
                raise KeyboardInterrupt

        with serve(world, Faults(largest_page=page)) as server:
            monkeypatch.setenv("FIRSTMILE_GITHUB_API", server.url)
            collect(study, credentials=["ghp_one"], say=say)

    go()
    go()
    first, *later = sorted(study.path.rglob("*.jsonl.gz"))
    assert first.with_name("looked.json").is_file()
    for file in later:
        file.unlink()
    with pytest.raises(KeyboardInterrupt):
        go(page=5, killed_at=1 + len(later))
    go()
    repository = world.find(REPOSITORY)
    assert repository is not None
    assert _numbers(study) == {issue.number for issue in repository.issues()}


def _numbers(study: StudyFolder) -> set[int]:
    return {record.number for page in study.archive.pages() for record in page.records()}
