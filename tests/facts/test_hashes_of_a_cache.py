"""Files of a Hub cache are held against the hash that they are named by."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from firstmile.facts.model_folder import hashes
from firstmile.facts.model_folder.hashes import Left, has_named_hash
from firstmile.facts.model_folder.reading import read_model_folder
from firstmile.facts.model_folder.source import Source


def cache(root: Path, **files: bytes) -> Path:
    """Write a snapshot of a repository whose files are links to blobs of other content."""
    folder = root / "models--owner--name" / "snapshots" / "0a1b"
    blobs = root / "models--owner--name" / "blobs"
    folder.mkdir(parents=True)
    blobs.mkdir()
    for name, body in files.items():
        (blobs / name).write_bytes(body)
    return folder


def linked(folder: Path, path: str, blob: str) -> None:
    """Link a file of a snapshot to a blob."""
    (folder / path).symlink_to(Path("../../blobs") / blob)


def test_sha256_names_a_large_file(tmp_path: Path) -> None:
    name = hashlib.sha256(b"weights").hexdigest()
    folder = cache(tmp_path, **{name: b"weights"})
    linked(folder, "model.safetensors", name)
    (found,) = read_model_folder(folder).files
    assert found.has_named_hash is True
    assert found.named_sha256 == name


def test_gits_hash_names_a_small_file(tmp_path: Path) -> None:
    name = subprocess.run(
        ["git", "hash-object", "--stdin"], input=b"{}\n", capture_output=True, check=True
    ).stdout.decode().strip()  # fmt: skip
    folder = cache(tmp_path, **{name: b"{}\n"})
    linked(folder, "config.json", name)
    (found,) = read_model_folder(folder).files
    assert found.has_named_hash is True


def test_a_changed_file_has_not_its_hash(tmp_path: Path) -> None:
    name = hashlib.sha256(b"weights").hexdigest()
    folder = cache(tmp_path, **{name: b"weighty"})
    linked(folder, "model.safetensors", name)
    (found,) = read_model_folder(folder).files
    assert found.has_named_hash is False


def test_a_plain_file_is_not_hashed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (found,) = read_model_folder(tmp_path).files
    assert found.has_named_hash is None


def test_no_more_is_hashed_than_there_is_room_for(tmp_path: Path) -> None:
    name = hashlib.sha256(b"weights").hexdigest()
    (tmp_path / name).write_bytes(b"weights")
    left = Left(size=10)
    assert has_named_hash(Source(tmp_path), name, name, left) is True
    assert has_named_hash(Source(tmp_path), name, name, left) is None


def test_a_file_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_PIECE", 3)
    name = hashlib.sha256(b"weights").hexdigest()
    (tmp_path / name).write_bytes(b"weights")
    assert has_named_hash(Source(tmp_path), name, name, Left()) is True
