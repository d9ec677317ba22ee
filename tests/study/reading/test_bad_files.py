"""What is no ordinary file of a known format and size is refused before it is read."""

import os
from pathlib import Path

import pytest

from firstmile.study.reading import Ceilings
from reading.sources import Refusal, published_row, write_folder


def test_a_source_without_a_name_does_not_read_the_current_folder(
    tmp_path: Path, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, set=[published_row(1)])
    monkeypatch.chdir(tmp_path)
    assert refusal("").startswith("No source is named")


def test_a_hostile_file_name_is_inert(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "\x1b[2J.json").write_text("[1]")
    assert r"\x1b[2J.json" in refusal(tmp_path)


def test_a_missing_path_is_told(tmp_path: Path, refusal: Refusal) -> None:
    assert "no such file or directory" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("source", ["", "\0", "x" * 5000])
def test_a_source_that_is_no_path_is_told(
    refusal: Refusal, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(source)


def test_a_folder_without_json_is_told(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "labels.csv").write_text("symptom,cause,stage\n")
    (tmp_path / ".hidden.json").write_text("[]")
    assert "holds no JSON file in the published layout" in refusal(tmp_path)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path, refusal: Refusal) -> None:
    os.mkfifo(tmp_path / "set.csv")
    assert "is a pipe or a device" in refusal(tmp_path / "set.csv")


def test_a_pipe_inside_a_folder_is_refused_without_waiting(
    tmp_path: Path, refusal: Refusal
) -> None:
    os.mkfifo(tmp_path / "set.json")
    assert "set.json is a pipe" in refusal(tmp_path)


def test_a_device_is_refused(refusal: Refusal) -> None:
    assert "is a pipe or a device" in refusal("/dev/zero")


def test_a_link_inside_a_folder_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    folder = write_folder(tmp_path / "set", a=[published_row(1)])
    (folder / "b.json").symlink_to("/etc/hostname")
    assert refusal(folder) == "b.json is a link; put the file itself into the folder."


@pytest.mark.parametrize("name", ["set.csv", "set.jsonl", "set.json", "set.parquet"])
def test_a_line_of_five_gigabytes_is_refused_unread(
    tmp_path: Path, refusal: Refusal, name: str
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(5 << 30)
    assert f"{name} holds more than" in refusal(path)


def test_a_format_that_is_not_known_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.xlsx"
    path.write_bytes(b"PK")
    assert "should end in .csv, .jsonl" in refusal(path)


def test_a_compressed_file_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_bytes(b"\x1f\x8b\x08\0\0")
    assert refusal(path) == "set.csv is gzip-compressed; unpack it first."


def test_too_many_files_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    folder = write_folder(tmp_path, a=[published_row(1)], b=[published_row(1)])
    assert "holds more than 1 files" in refusal(folder, ceilings=Ceilings(files=1))
