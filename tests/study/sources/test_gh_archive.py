"""Hour files of GH Archive: events become issues, files are resumed, damage loses nothing else."""

import functools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.issues import Issue, Record
from firstmile.study.privacy import protect
from firstmile.study.sources import gh_archive
from firstmile.study.sources._event_files import Order, scan_all
from firstmile.study.sources._files import Wanted
from sources.export_files import FETCHED, KEY, Study, lines, packed, rest_comment, rest_issue

HOUR = "2024-03-04-{}.json.gz"


def event(
    place: int,
    number: int = 1,
    *,
    action: str = "opened",
    comment: dict[str, Any] | None = None,
    repository: str = "o/r",
    kind: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return an event as GH Archive holds it since 2015."""
    payload: dict[str, Any] = {"action": action, "issue": rest_issue(number, **changes)}
    if comment is not None:
        payload["comment"] = comment
    return {
        "id": str(40_000_000_000 + place),
        "type": kind or ("IssuesEvent" if comment is None else "IssueCommentEvent"),
        "actor": {"id": 7, "login": "ada", "display_login": "ada", "gravatar_id": "", "url": "x"},
        "repo": {"id": 1, "name": repository, "url": f"https://api.github.com/repos/{repository}"},
        "payload": payload,
        "public": True,
        "created_at": f"2024-03-04T{place // 3600:02}:{place // 60 % 60:02}:{place % 60:02}Z",
    }


def push(place: int) -> dict[str, Any]:
    return {
        "id": str(place),
        "type": "PushEvent",
        "actor": {"login": "x"},
        "repo": {"id": 1, "name": "o/r", "url": "u"},
        "payload": {"commits": [{"message": 'says "type":"IssuesEvent"', "author": {"name": "N"}}]},
    }


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(gh_archive, tmp_path, {"files": ["*.json*"], "repositories": ["o/r"]})


def merged(study: Study) -> list[Issue]:
    """Return the issues as a store reads them: all records of one issue together."""
    by_place: dict[tuple[str, int], list[Record]] = {}
    for record in study.records():
        by_place.setdefault((record.repository, record.number), []).append(record)
    read = [gh_archive.merge(records, FETCHED) for records in by_place.values()]
    return [issue for issue in read if issue is not None]


def test_an_issue_is_told_by_its_events_over_several_files(study: Study) -> None:
    study.write(HOUR.format(5), packed(lines([push(1), event(1, comments=0, state="open")])))
    study.write(
        HOUR.format(6),
        packed(lines([event(2, comment=rest_comment(1, "bob"), comments=1, state="open")])),
    )
    study.write(
        HOUR.format(17),
        packed(
            lines(
                [
                    event(9, action="closed", comments=3, updated_at="2024-03-06T00:00:00Z"),
                    event(8, comment=rest_comment(3, "eve"), comments=3),
                ]
            )
        ),
    )
    (issue,) = merged(study)
    assert (issue.repository, issue.number, issue.origin) == ("o/r", 1, "gh-archive")
    assert issue.state == "closed"
    assert issue.updated_at == "2024-03-06T00:00:00Z"
    assert issue.author == KEY.of("ada")
    assert [(c.body, c.author) for c in issue.comments] == [
        ("comment 1", KEY.of("bob")),
        ("comment 3", KEY.of("eve")),
    ]
    assert issue.missing_comments == 1
    assert "<email>" in issue.body


def test_an_edited_comment_counts_in_its_last_wording(study: Study) -> None:
    edited = rest_comment(1, body="now right")
    study.write(
        HOUR.format(5),
        packed(
            lines([event(2, action="edited", comment=edited), event(1, comment=rest_comment(1))])
        ),
    )
    (issue,) = merged(study)
    assert [comment.body for comment in issue.comments] == ["now right"]


def test_other_repositories_pull_requests_and_other_events_are_left_out(study: Study) -> None:
    study.options["repositories"] = ["O/R", "old/name"]
    study.write(
        HOUR.format(5),
        packed(
            lines(
                [
                    push(1),
                    event(1, 1),
                    event(2, 2, repository="other/r"),
                    event(3, 3, comment=rest_comment(1), pull_request={"url": "x"}),
                    event(4, 4, repository="old/name"),
                    event(5, 5, kind="WatchEvent"),
                ]
            )
        ),
    )
    assert [(record.repository, record.number) for record in study.records()] == [
        ("O/R", 1),
        ("old/name", 4),
    ]


def test_the_days_of_hour_files_are_targets(study: Study) -> None:
    for name in ("2024-03-04-0.json.gz", "2024-03-04-23.json.gz", "2024-03-05-1.json", "x.json"):
        study.write(name, lines([event(1)]))
    assert study.targets() == ["2024-03-04", "2024-03-05", "x.json"]
    late = study.collecting(since=date(2024, 3, 5))
    assert list(gh_archive.targets(late)) == ["2024-03-05", "x.json"]


def test_issues_opened_outside_the_study_are_left_out(study: Study) -> None:
    study.write(
        HOUR.format(5),
        packed(lines([event(1, 1), event(2, 2, created_at="2023-12-31T00:00:00Z")])),
    )
    assert [r.number for r in study.records(since=date(2024, 1, 1), until=date(2024, 12, 31))] == [
        1
    ]


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(study: Study) -> None:
    study.write(HOUR.format(5), packed(lines([event(1, 1)])))
    (page,) = study.pages()
    assert page.done
    state = json.loads(json.dumps(page.state))
    assert study.pages(state=state) == []
    (study.folder / HOUR.format(5)).touch()
    assert study.pages(state=state) == []
    study.write(HOUR.format(6), packed(lines([event(2, 2)])))
    (second,) = study.pages(state=state)
    assert [record.number for record in second.records] == [2]
    study.write(HOUR.format(5), packed(lines([event(1, 1), event(3, 3)])))
    (third,) = study.pages(state=second.state)
    assert [record.number for record in third.records] == [1, 3]
    assert [len(page.records) for page in study.pages(state=third.state, full=True)] == [3]


def test_reading_a_file_twice_doubles_nothing(study: Study) -> None:
    study.write(HOUR.format(5), packed(lines([event(1, comment=rest_comment(1)), event(2)])))
    records = study.records() + study.records()
    issue = gh_archive.merge(records, FETCHED)
    assert issue == gh_archive.merge(records[:1], FETCHED)


def test_a_stopped_run_goes_on_without_loss_or_doubles(study: Study) -> None:
    study.write(HOUR.format(5), packed(lines([event(n, n) for n in range(1, 701)])))
    study.write(HOUR.format(6), packed(lines([event(n, n) for n in range(701, 1401)])))
    pages = study.pages()
    assert [len(page.records) for page in pages] == [500, 500, 400]
    assert [page.done for page in pages] == [False, False, True]
    for place, page in enumerate(pages):
        rest = study.pages(state=page.state)
        assert [p.records for p in rest] == [p.records for p in pages[place + 1 :]]


def test_a_cut_file_is_read_as_far_as_it_goes_and_the_others_whole(study: Study) -> None:
    whole = packed(lines([event(n, n, body=str(n) * 50) for n in range(1, 400)]))
    study.write(HOUR.format(5), whole[: len(whole) // 2])
    study.write(HOUR.format(6), packed(lines([event(900, 900)])))
    pages, error = study.pages_until_error("2024-03-04")
    assert error.startswith("2024-03-04-5.json.gz breaks off after line ")
    numbers = [record.number for page in pages for record in page.records]
    assert numbers[-1] == 900
    assert numbers[:-1] == list(range(1, len(numbers)))
    assert len(numbers) > 50
    assert not pages[-1].done
    study.write(HOUR.format(5), whole)
    rest = study.pages(state=pages[-1].state)
    assert {record.number for page in rest for record in page.records} == set(range(1, 400))
    assert rest[-1].done


def test_events_glued_by_null_bytes_are_read(study: Study) -> None:
    glued = b"\0" * 1409
    data = json.dumps(event(1, 1)).encode() + glued + json.dumps(event(2, 2)).encode() + b"\n"
    study.write(HOUR.format(5), packed(glued + data + lines([push(3)])))
    assert [record.number for record in study.records()] == [1, 2]


def test_broken_lines_are_passed_over_and_said(study: Study) -> None:
    data = lines([event(1, 1)]) + b'{"id":"2","type":"IssuesEvent","repo":\n' + lines([event(3, 3)])
    study.write(HOUR.format(5), packed(data))
    (page,) = study.pages()
    assert [record.number for record in page.records] == [1, 3]
    assert page.warnings == (
        "2024-03-04-5.json.gz: 1 line is broken and passed over (the first is line 2).",
    )


def test_bytes_that_are_no_text_inside_an_event_are_one_warning(study: Study) -> None:
    bad = json.dumps(event(2, 2, body="BROKEN")).encode().replace(b"BROKEN", b"\xff\xfe")
    study.write(HOUR.format(5), packed(lines([event(1, 1)]) + bad + b"\n"))
    (page,) = study.pages()
    assert [record.number for record in page.records] == [1]
    assert "broken inside" in page.warnings[0]


def test_events_of_before_2015_are_said_to_hold_no_texts(study: Study) -> None:
    old = {
        "created_at": "2014-05-06T07:08:09-07:00",
        "payload": {"action": "opened", "issue": 123, "number": 4},
        "public": True,
        "type": "IssuesEvent",
        "actor": "ada",
        "repository": {"id": 1, "name": "r", "owner": "o"},
    }
    study.write("2014-05-06-7.json.gz", packed(lines([old])))
    (page,) = study.pages()
    assert not page.records
    assert "before 2015" in page.warnings[0]


def test_several_processes_bring_the_same_as_one(study: Study) -> None:
    for hour in range(4):
        study.write(HOUR.format(hour), packed(lines([event(hour * 9 + n, n) for n in range(1, 9)])))
    orders = [
        Order(path=str(path), name=path.name, spool=f"{path}.kept", wanted=Wanted())
        for path in sorted(study.folder.iterdir())
    ]
    alone = list(scan_all(orders))
    kept = [Path(order.spool).read_bytes() for order in orders]
    assert list(scan_all(orders, alone_below=0)) == alone
    assert [Path(order.spool).read_bytes() for order in orders] == kept
    assert [found.kept for found in alone] == [8] * 4


def test_nothing_is_left_beside_the_files(study: Study) -> None:
    study.write(HOUR.format(5), packed(lines([event(1)])))
    study.pages()
    assert [path.name for path in study.folder.iterdir()] == [HOUR.format(5)]


def test_repositories_are_needed(study: Study) -> None:
    study.write(HOUR.format(5), b"")
    study.options["repositories"] = []
    with pytest.raises(UserError, match="hold all of GitHub's events"):
        study.targets()


@functools.cache
def told() -> list[Record]:
    """Return the records of one issue, an event each."""
    events = [
        event(
            n,
            comment=rest_comment(n) if n % 2 else None,
            updated_at=f"2024-03-05T00:00:0{n}Z",
            comments=n,
        )
        for n in range(6)
    ]
    return [
        Record(repository="o/r", number=1, payload=protect({"events": [e]}, KEY).payload)
        for e in events
    ]


@given(st.permutations(list(range(6))), st.lists(st.integers(0, 5), max_size=4))
def test_the_order_of_records_and_their_repetition_do_not_matter(
    order: list[int], again: list[int]
) -> None:
    expected = gh_archive.merge(told(), FETCHED)
    assert gh_archive.merge([told()[n] for n in [*again, *order]], FETCHED) == expected
    assert expected is not None
    assert (len(expected.comments), expected.missing_comments) == (3, 2)
