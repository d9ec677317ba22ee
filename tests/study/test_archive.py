"""The archive keeps every page whole, in order, and says when it is damaged."""

import gzip
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.archive import Archive, PageHead
from firstmile.study.issues import Page, Record
from obeying_modes import obey_modes

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


def files(folder: Path) -> int:
    return len(list(folder.rglob("*.jsonl.gz")))


def test_pages_that_bring_nothing_add_no_file_and_are_still_gone_on_from(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1, after=1))
    for after in range(2, 6):
        append(archive, page(after=after, done=True))
    assert files(tmp_path) == 1
    last = archive.last("github", "owner/name")
    assert last is not None
    assert (last.state, last.done) == ({"after": 5}, True)
    append(archive, page(2, after=6))
    last = archive.last("github", "owner/name")
    assert last is not None
    assert last.state == {"after": 6}
    assert files(tmp_path) == 2
    numbers = [record.number for one in archive.pages() for record in one.records()]
    assert numbers == [1, 2]


def test_note_says_when_a_target_was_last_looked_at(tmp_path: Path) -> None:
    archive, later = Archive(tmp_path), "2026-03-04T05:06:07Z"
    append(archive, page(1))
    empty = page(done=True)
    archive.append("github", empty, (), fetched_at=later, redaction="1", redacted={})
    last = archive.last("github", "owner/name")
    assert last is not None
    assert last.fetched_at == later


def test_first_page_deletions_and_new_warnings_are_kept_though_without_issues(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path)
    gone = msgspec.structs.replace(page(after=2), deleted=(1,))
    warned = msgspec.structs.replace(page(after=3), warnings=("It is called otherwise today.",))
    for number, what in enumerate((page(), gone, warned), 1):
        append(archive, what)
        assert files(tmp_path) == number
    append(archive, warned)
    assert files(tmp_path) == 3


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"\x00",
        b"[1",
        b"[" * 100_000,
        b'{"after": "x", "head": {"state": {"a": ' + b"[" * 100_000,
    ],
)
def test_damaged_note_costs_a_question_and_nothing_else(tmp_path: Path, damage: bytes) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1, after=1))
    append(archive, page(after=2))
    (note,) = tmp_path.rglob("looked.json")
    note.write_bytes(damage)
    last = archive.last("github", "owner/name")
    assert last is not None
    assert last.state == {"after": 1}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"source":"github"', b'"source":"other"'),
        (b'"target":"owner/name"', b'"target":"owner/other"'),
        (TIME.encode(), b"nonsense"),
        (b'"format":1', b'"format":99'),
    ],
)
def test_note_that_is_not_of_its_folder_is_not_believed(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1, after=1))
    append(archive, page(after=2))
    (note,) = tmp_path.rglob("looked.json")
    assert old in note.read_bytes()
    note.write_bytes(note.read_bytes().replace(old, new))
    last = archive.last("github", "owner/name")
    assert last is not None
    assert (last.state, last.fetched_at) == ({"after": 1}, TIME)


def test_note_holds_for_the_very_file_it_followed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1, after=1))
    append(archive, page(2, after=2))
    append(archive, page(after=3, done=True))
    (note,) = tmp_path.rglob("looked.json")
    kept = note.read_bytes()
    (second,) = tmp_path.rglob("00000002.jsonl.gz")
    second.unlink()
    append(archive, page(7, after=7))
    assert not note.exists()
    note.write_bytes(kept)
    last = archive.last("github", "owner/name")
    assert last is not None
    assert (last.state, last.done) == ({"after": 7}, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [(TIME.encode(), b"nonsense"), (b'"after":0', b'"after":' + b"[" * 100_000)],
)
def test_a_head_that_makes_no_sense_is_damage(tmp_path: Path, old: bytes, new: bytes) -> None:
    archive = Archive(tmp_path)
    append(archive, page(1))
    (file,) = tmp_path.rglob("*.gz")
    written = gzip.decompress(file.read_bytes())
    assert old in written
    file.write_bytes(gzip.compress(written.replace(old, new)))
    with pytest.raises(UserError, match=r"00000001\.jsonl\.gz is damaged"):
        list(archive.pages())


READ_IT = """
import sys
from pathlib import Path
from firstmile.errors import UserError
from firstmile.study.archive import Archive
archive = Archive(Path(sys.argv[1]))
for look in (lambda: list(archive.pages()), lambda: archive.last("github", "owner/name")):
    try:
        look()
    except UserError as error:
        print(error)
"""


def test_a_folder_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    append(Archive(tmp_path), page(1))
    (folder,) = tmp_path.iterdir()
    folder.chmod(0)
    try:
        said = subprocess.run(
            [sys.executable, "-c", READ_IT, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            preexec_fn=obey_modes,
        )
    finally:
        folder.chmod(0o755)
    first, second = said.stdout.splitlines()
    assert "cannot be read (permission denied): make it readable" in first
    assert "cannot be read" in second
