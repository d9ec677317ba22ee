"""A source of the wrong kind is refused in a sentence that names the right one."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.collecting import collect
from firstmile.study.costs import plan_study
from firstmile.study.folder import make_study
from firstmile.study.issues import TargetMissingError
from firstmile.study.sources import find_source
from firstmile.study.sources._kinds import kind_of
from sources.export_files import Study, lines, rest_issue

BY_GH = {
    "author": {"login": "ada"},
    "body": "It breaks.",
    "comments": [],
    "createdAt": "2024-03-04T05:06:07Z",
    "number": 1,
    "state": "CLOSED",
    "title": "Issue 1",
    "url": "https://github.com/o/r/issues/1",
}
BY_PERCEVAL = {"backend_name": "GitHub", "category": "issue", "data": rest_issue(1)}
EVENT = {
    "id": "1",
    "type": "IssuesEvent",
    "repo": {"name": "o/r"},
    "payload": {"action": "opened", "issue": rest_issue(1)},
    "created_at": "2024-03-04T05:06:07Z",
}
OF_KIND: dict[str, dict[str, Any]] = {
    "rest-export": rest_issue(1),
    "gh-export": BY_GH,
    "perceval-export": BY_PERCEVAL,
    "gh-archive": EVENT,
}
OPTIONS = {"files": ["*"], "repositories": ["o/r"]}


def study_of(kind: str, folder: Path) -> Study:
    return Study(find_source(kind), folder, dict(OPTIONS))


@pytest.mark.parametrize("said", OF_KIND)
@pytest.mark.parametrize("held", OF_KIND)
def test_a_file_of_another_kind_is_refused_by_its_name_and_one_of_its_own_is_read(
    tmp_path: Path, said: str, held: str
) -> None:
    study = study_of(said, tmp_path)
    study.write("a.jsonl", lines([OF_KIND[held]]))
    if said == held:
        assert [record.number for page in study.pages() for record in page.records] == [1]
        return
    with pytest.raises(UserError, match=rf'^a\.jsonl holds .*: write kind = "{held}" for') as error:
        study.pages()
    assert "\n" not in str(error.value)


def test_lists_and_packed_files_are_told_apart_too(tmp_path: Path) -> None:
    study = study_of("gh-archive", tmp_path)
    study.write("a.json.gz", gzip.compress(json.dumps([BY_GH], indent=1).encode()))
    with pytest.raises(UserError, match='write kind = "gh-export"'):
        study.pages()


@pytest.mark.parametrize("value", [{"number": 1, "title": "t"}, BY_GH | rest_issue(1), {}])
def test_fields_that_tell_nothing_refuse_nothing(value: dict[str, Any]) -> None:
    assert kind_of(value) is None


def test_an_hour_without_wanted_events_is_no_file_of_another_kind(tmp_path: Path) -> None:
    study = study_of("gh-archive", tmp_path)
    other = {"id": "2", "type": "PushEvent", "repo": {"name": "o/r"}, "payload": {}}
    study.write("2024-03-04-5.json", lines([other]))
    assert [page.records for page in study.pages()] == [()]


def test_a_plan_and_a_collection_say_so_and_the_other_files_are_collected(tmp_path: Path) -> None:
    source = '[[sources]]\nkind = "rest-export"\nfiles = ["*.jsonl"]\n'
    study = make_study(tmp_path / "study", f'[study]\nname = "s"\n{source}')
    (study.path / "a.jsonl").write_bytes(lines([BY_GH]))
    (study.path / "b.jsonl").write_bytes(lines([rest_issue(2)]))
    with pytest.raises(TargetMissingError, match=r'a\.jsonl holds .*write kind = "gh-export"'):
        plan_study(study)
    found = collect(study)
    assert 'write kind = "gh-export"' in found.failures[0]
    study.store.refresh(study.archive)
    assert [issue.number for issue in study.store.issues()] == [2]


@pytest.mark.long
@given(st.dictionaries(st.text(max_size=9), st.recursive(st.none() | st.text(), st.lists)))
def test_any_object_is_of_one_kind_or_of_none(value: dict[str, Any]) -> None:
    assert kind_of(value) in {None, *OF_KIND}
