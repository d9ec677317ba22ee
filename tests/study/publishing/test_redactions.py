"""How much was replaced is counted once an issue, however often it was collected."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from firstmile.study.archive import Archive, KeptRecord
from firstmile.study.collecting import collect
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.issues import Page, Record
from firstmile.study.publishing.redactions import redactions
from sources.export_files import lines, packed, rest_issue
from sources.test_gh_archive import event

BODY = "Mail ada@example.org or bob@example.org, cc @eve."
IN_AN_ISSUE = {"account": 1, "email": 2, "mention": 1}


def study_of(folder: Path, source: str) -> StudyFolder:
    return make_study(folder / "study", f'[study]\nname = "s"\n[[sources]]\n{source}\n')


def times(number: int) -> dict[str, int]:
    return {kind: number * count for kind, count in IN_AN_ISSUE.items()}


def test_a_full_pass_that_reads_everything_again_counts_nothing_twice(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["a.jsonl"]')
    (study.path / "a.jsonl").write_bytes(lines([rest_issue(n, body=BODY) for n in (1, 2, 3)]))
    collect(study)
    assert redactions(study.archive) == times(3)
    assert collect(study, full=True).same == 3
    assert sum(page.head.redacted["email"] for page in study.archive.pages()) == 12
    assert redactions(study.archive) == times(3)


def test_an_edited_issue_counts_as_it_is_now(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["*.jsonl"]')
    first = [rest_issue(number, body=BODY) for number in (1, 2)]
    (study.path / "a.jsonl").write_bytes(lines(first))
    collect(study)
    (study.path / "b.jsonl").write_bytes(lines([rest_issue(1, body="Mail ada@example.org.")]))
    collect(study)
    assert redactions(study.archive) == {"account": 2, "email": 3, "mention": 1}


def test_events_of_an_issue_add_up_and_count_once_when_they_are_read_again(
    tmp_path: Path,
) -> None:
    source = 'kind = "gh-archive"\nfiles = ["*.json.gz"]\nrepositories = ["o/r"]'
    study = study_of(tmp_path, source)
    told = [event(1, body=BODY), event(2, action="closed", body=BODY)]
    (study.path / "2024-03-04-0.json.gz").write_bytes(packed(lines(told)))
    collect(study)
    once = redactions(study.archive)
    assert once["email"] == 4
    (study.path / "2024-03-04-1.json.gz").write_bytes(packed(lines([event(3, body=BODY)])))
    collect(study)
    more = redactions(study.archive)
    assert more["email"] == 6
    collect(study, full=True)
    assert redactions(study.archive) == more


def appended(archive: Archive, records: list[Record], at: str, counts: dict[str, int]) -> None:
    page = Page(target="owner/name", records=tuple(records), state={}, done=True)
    archive.append("github", page, records, fetched_at=at, redaction="1", redacted=counts)


@pytest.mark.parametrize(("again", "emails"), [([1, 2], 1), ([1], 6)])
def test_a_page_of_an_earlier_version_counts_whole_while_an_issue_of_it_stands(
    tmp_path: Path, again: list[int], emails: int
) -> None:
    archive = Archive(tmp_path)
    old = [Record(repository="owner/name", number=n, payload={}) for n in (1, 2)]
    appended(archive, old, "2026-01-01T00:00:00Z", {"email": 5})
    kept: list[Record] = [
        KeptRecord(
            repository="owner/renamed",
            number=n,
            payload={},
            redacted={"email": 1} if n == 1 else {},
        )
        for n in again
    ]
    appended(archive, kept, "2026-01-02T00:00:00Z", {"email": 1})
    assert redactions(archive) == {"email": emails}


def test_a_record_says_in_the_archive_what_was_replaced_in_it_and_no_more(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["a.jsonl"]')
    clean = rest_issue(2, body="Nothing.", user=None)
    (study.path / "a.jsonl").write_bytes(lines([rest_issue(1, body=BODY), clean]))
    collect(study)
    (page,) = study.archive.pages()
    kept: list[Any] = [msgspec.to_builtins(one) for one in page.records()]
    assert kept[0]["redacted"] == IN_AN_ISSUE
    assert "redacted" not in kept[1]
