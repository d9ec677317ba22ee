"""A zip is read member by member; a hostile one is refused, and nothing is unpacked to disk."""

import json
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from firstmile.study.reading import Ceilings, read_source
from reading.sources import Refusal, published_row

ROWS = json.dumps([published_row(1), published_row(2)])


def pack(path: Path, **options: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set-main/Qwen/set.json", ROWS)
        for name, text in options.items():
            archive.writestr(name, text)
    return path


def test_an_archive_reads_like_its_folder_and_leaves_nothing_behind(tmp_path: Path) -> None:
    reading = read_source(str(pack(tmp_path / "set.zip")))
    assert len(reading.failures) == 2
    assert reading.provenance.kind == "zip"
    assert reading.provenance.files[0].name == "Qwen/set.json"
    assert [path.name for path in tmp_path.iterdir()] == ["set.zip"]


def test_an_archive_may_hold_a_study_file(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one/study.toml", '[data]\nfiles = ["a.csv"]\n')
        archive.writestr("one/a.csv", "symptom,cause,stage\nhang,api,inference\n")
        archive.writestr("one/other.json", "{}")
    assert len(read_source(str(path)).failures) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../evil.json", "has a path that leaves the archive"),
        ("a/../../evil.json", "has a path that leaves the archive"),
        ("/etc/evil.json", "has an absolute or foreign path"),
        ("C:/evil.json", "has an absolute or foreign path"),
        ("..\\evil.json", "has an absolute or foreign path"),
    ],
)
def test_a_path_that_escapes_is_refused(
    tmp_path: Path, refusal: Refusal, name: str, told: str
) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("set.json", ROWS)
        archive.writestr(zipfile.ZipInfo(name), ROWS)
    assert told in refusal(path)


def test_a_link_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("set.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(path).startswith("set.json in set.zip is a link")


def test_an_encrypted_member_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = pack(tmp_path / "set.zip")
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refusal(path)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("set.json", ROWS)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("set.json", ROWS)
    assert "stands in it twice" in refusal(path)


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set.json", ROWS[:-1] + " " * 5_000_000 + "]")
    assert "as in a zip bomb" in refusal(path)


def test_a_bomb_of_many_small_members_is_refused_by_their_sum(
    tmp_path: Path, refusal: Refusal
) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.json", ROWS + " " * 1000)
    sentence = refusal(path, ceilings=Ceilings(unpacked_bytes=10_000))
    assert "unpacks to more than is read of one archive" in sentence


def test_a_member_above_the_ceiling_of_a_file_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = pack(tmp_path / "set.zip")
    assert "unpacks to more" in refusal(path, ceilings=Ceilings(document_bytes=100))


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = pack(tmp_path / "set.zip")
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.find(b"PK\x01\x02") + 24, 50)
    path.write_bytes(data)
    assert refusal(path).startswith("Qwen/set.json in set.zip is damaged")


def test_too_many_members_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = pack(tmp_path / "set.zip", **{f"{n}.txt": "" for n in range(5)})
    assert "holds more than 5 files" in refusal(path, ceilings=Ceilings(files=5))


def test_a_list_of_members_too_large_to_hold_is_refused_unread(
    tmp_path: Path, refusal: Refusal
) -> None:
    path = pack(tmp_path / "set.zip")
    sentence = refusal(path, ceilings=Ceilings(directory_bytes=10))
    assert "holds more files than are read of one archive" in sentence


def test_an_extended_end_record_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = pack(tmp_path / "set.zip")
    data = path.read_bytes()
    place = data.find(b"PK\x05\x06")
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    path.write_bytes(data[:place] + locator + data[place:])
    assert "holds more files than are read" in refusal(path)


def test_a_damaged_archive_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = pack(tmp_path / "set.zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path).startswith("set.zip is no zip")
    path.write_bytes(whole[:60] + b"\xff" * 20 + whole[80:])
    assert "is damaged" in refusal(path)


def test_a_web_page_in_place_of_a_zip_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.zip"
    path.write_text("<!doctype html><title>Sign in</title>")
    assert "it looks like a web page" in refusal(path)


def test_an_archive_without_json_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("README.md", "nothing here")
    assert refusal(path).startswith("set.zip holds no JSON file")


def test_hidden_members_are_counted_and_not_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "set.zip", **{"__MACOSX/._set.json": "x", "set-main/.x.json": "x"})
    (finding,) = [f for f in read_source(str(path)).findings if f.source == "file-not-read"]
    assert "2 hidden ones" in finding.message
