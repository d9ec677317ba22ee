"""A file is read in blocks of whole lines, whatever it holds and whatever happens to it."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.line_blocks import LineBlocks


def read(path: Path, block_bytes: int = 64) -> tuple[dict[int, bytes], LineBlocks]:
    """Return every line of a file by its number, and the reader when it is done."""
    found = {}
    with path.open("rb", buffering=0) as file:
        blocks = LineBlocks(file, block_bytes=block_bytes, before_bytes=32, head_bytes=16)
        for block in blocks:
            place, number = block.first, block.number
            while place < block.end:
                found[number], place = block.line_at(place)
                number += 1
    return found, blocks


LINES = st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30)


@given(LINES, st.booleans())
def test_lines_keep_their_numbers_and_bytes_but_zero_bytes(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ends: bool
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(b"\n".join(lines) + (b"\n" if ends else b""))
    known = path.read_bytes().replace(b"\0", b"").split(b"\n")
    known = known if known[-1] else known[:-1]
    found, blocks = read(path)
    assert found == dict(enumerate(known, start=1))
    assert blocks.line_count == len(known)
    assert blocks.byte_count == path.stat().st_size


@pytest.mark.parametrize("after", [b"", b"\n", b"written on\nto the end\n"])
def test_a_hole_of_any_size_takes_no_time(tmp_path: Path, after: bytes) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"before\n")
        file.truncate(1 << 40)
        file.seek(0, os.SEEK_END)
        file.write(after)
    found, blocks = read(path, block_bytes=64 * 1024)
    assert list(found.values()) == (b"before\n" + after).splitlines()
    assert blocks.byte_count == path.stat().st_size


def test_what_stands_before_a_block_is_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(200)))
    with path.open("rb", buffering=0) as file:
        for block in LineBlocks(file, block_bytes=64, before_bytes=32, head_bytes=16):
            before = bytes(block.view[: block.first])
            assert before.startswith(b"line ") or not before
            assert before.endswith(b"\n") or not before
            assert block.start_of(block.first + 3) == block.first


def test_of_a_line_longer_than_a_block_its_beginning_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n" + b"0123456789" * 400 + b"\nthird\n" + b"x" * 4_000)
    found, blocks = read(path)
    assert (found[1], found[3]) == (b"first", b"third")
    assert found[2].startswith(b"0123456789012345")
    assert found[4].startswith(b"x" * 16)
    assert max(map(len, found.values())) <= 112
    assert blocks.line_count == 4
    assert blocks.byte_count == path.stat().st_size


def test_of_a_line_written_over_and_over_what_came_last_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    bars = b"".join(b"\r%d%%|###" % number for number in range(400))
    path.write_bytes(b"first\n" + bars + b"\rit broke\r\nlast\n")
    found, _ = read(path)
    assert found == {1: b"first", 2: b"it broke", 3: b"last"}


def test_a_file_that_grows_is_read_to_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"line\n" * 100)
    with path.open("rb", buffering=0) as file:
        blocks = LineBlocks(file, block_bytes=64, before_bytes=32, head_bytes=16)
        for _ in blocks:
            with path.open("ab") as other:
                other.write(b"more\n")
        assert blocks.line_count == 100
        assert blocks.notes == (
            "The file grew while it was read; what came later was not looked at.",
        )


def test_a_file_that_gets_shorter_or_is_removed_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"line\n" * 100)
    with path.open("rb", buffering=0) as file:
        blocks = LineBlocks(file, block_bytes=64, before_bytes=32, head_bytes=16)
        for _ in blocks:
            if path.exists():
                os.truncate(path, 0)
                path.unlink()
        assert 0 < blocks.line_count < 100
        assert blocks.notes == ("The file got shorter while it was read.",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(b"line\n" * 50_000))
    writer.start()
    found, blocks = read(path, block_bytes=4_096)
    writer.join()
    assert blocks.line_count == 50_000
    assert set(found.values()) == {b"line"}
