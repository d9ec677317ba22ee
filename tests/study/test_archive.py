"""The archive keeps every page whole, in order, and says when it is damaged."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.archive import Archive, PageHead
from firstmile.study.issues import Page, Record

TIME = "2026-01-02T03:04:05Z"


def page(*numbers: int, target: str = "owner/name", after: int = 0, done: bool = False) -> Page:
    return Page(
        target=target,
        records=tuple(
            Record(repository="owner/name", number=n, payload={"number": n, "title": "é\u0000"})
            for n in numbers
        ),
        state={"after": after},
        done=done,
        requests=1,
    )


def append(archive: Archive, what: Page) -> PageHead:
    return archive.append(
        "github", what, what.records, fetched_at=TIME, redaction="1", redacted={"email": 2}
    )


def test_a_target_goes_on_where_its_last_page_says(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.last("github", "owner/name") is None
    append(archive, page(1, 2, after=2))
    append(archive, page(3, after=3, done=True))
    last = archive.last("github", "owner/name")
    assert last is not None
    assert (last.state, last.done, last.repositories) == ({"after": 3}, True, {"owner/name": 1})
    assert archive.last("github", "owner/other") is None


def test_replay_gives_the_records_back_in_order(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1, 2))
    append(archive, page(2, 3))
    numbers = [record.number for one in archive.pages() for record in one.records()]
    assert numbers == [1, 2, 2, 3]
    assert [one.head.redacted for one in archive.pages()] == [{"email": 2}] * 2


def test_the_same_page_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        append(Archive(tmp_path / name), page(1))
    files = sorted(tmp_path.rglob("*.gz"))
    assert len(files) == 2
    assert files[0].read_bytes() == files[1].read_bytes()


@given(target=st.text(min_size=1, max_size=80))
def test_any_name_of_a_target_stays_inside_the_archive(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    append(Archive(folder / "in"), page(1, target=target))
    assert [path.name for path in folder.iterdir()] == ["in"]
    last = Archive(folder / "in").last("github", target)
    assert last is not None
    assert last.target == target


@pytest.mark.parametrize("cut", [0, 10, -1, -9])
def test_a_damaged_page_is_one_sentence_that_names_it(tmp_path: Path, cut: int) -> None:
    archive = Archive(tmp_path)
    append(archive, page(*range(50)))
    (file,) = tmp_path.rglob("*.gz")
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(UserError, match=r"00000001\.jsonl\.gz is damaged"):
        [list(one.records()) for one in archive.pages()]


def test_a_page_of_a_later_version_is_refused(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1))
    (file,) = tmp_path.rglob("*.gz")
    later = gzip.decompress(file.read_bytes()).replace(b'"format":1', b'"format":99')
    file.write_bytes(gzip.compress(later))
    with pytest.raises(UserError, match="later firstmile"):
        list(archive.pages())


def test_what_is_no_page_is_left_alone(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1))
    (file,) = tmp_path.rglob("*.gz")
    file.with_name(".00000002.jsonl.gz.part").write_bytes(b"half")
    append(archive, page(2))
    assert len(list(archive.pages())) == 2
