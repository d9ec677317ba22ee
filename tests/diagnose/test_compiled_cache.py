"""Compiled signatures are taken from a folder that only the user can write, or not at all."""

import os
import sys
from pathlib import Path

import pytest

from firstmile.diagnose.compiled_cache import CompiledCache, user_cache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners are not told there")

NAME = (b"engine", b"1", b"a literal")


@pytest.fixture
def cache(tmp_path: Path) -> CompiledCache:
    cache = CompiledCache(tmp_path / "cache" / "signatures")
    cache.write(NAME, b"compiled")
    return cache


def only_file(cache: CompiledCache) -> Path:
    (file,) = cache.folder.iterdir()
    return file


def test_what_was_written_is_read_by_what_it_was_made_from(cache: CompiledCache) -> None:
    assert cache.read(NAME) == b"compiled"
    assert cache.read((b"engine", b"2", b"a literal")) is None
    assert cache.read((b"engine", b"1a literal")) is None
    assert cache.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
def test_a_folder_that_others_can_enter_is_not_used(cache: CompiledCache, mode: int) -> None:
    cache.folder.chmod(mode)
    assert cache.read(NAME) is None
    cache.write((b"other",), b"compiled")
    assert len(list(cache.folder.iterdir())) == 1


def test_a_link_in_place_of_the_folder_or_the_file_is_not_followed(
    cache: CompiledCache, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(cache.folder)
    assert CompiledCache(link).read(NAME) is None
    file = only_file(cache)
    moved = file.rename(tmp_path / "moved")
    file.symlink_to(moved)
    assert cache.read(NAME) is None


def test_a_file_that_others_can_write_is_not_loaded(cache: CompiledCache) -> None:
    only_file(cache).chmod(0o620)
    assert cache.read(NAME) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="takes root to give")
def test_what_belongs_to_somebody_else_is_not_loaded(cache: CompiledCache) -> None:
    file = only_file(cache)
    os.chown(file, 12_345, -1)
    assert cache.read(NAME) is None
    os.chown(file, 0, -1)
    os.chown(cache.folder, 12_345, -1)
    assert cache.read(NAME) is None


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 100])
def test_a_file_with_another_content_is_not_loaded(cache: CompiledCache, content: bytes) -> None:
    only_file(cache).write_bytes(content)
    assert cache.read(NAME) is None


def test_older_files_give_way(cache: CompiledCache) -> None:
    for number in range(9):
        cache.write((b"%d" % number,), b"compiled")
    assert len(list(cache.folder.iterdir())) == 4
    assert cache.read((b"8",)) == b"compiled"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = CompiledCache(tmp_path / "file" / "signatures")
    cache.write(NAME, b"compiled")
    assert cache.read(NAME) is None


def test_the_user_has_a_cache_in_the_place_the_platform_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    cache = user_cache()
    assert cache is not None
    assert cache.folder.is_relative_to(tmp_path)
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
        assert user_cache() is None
