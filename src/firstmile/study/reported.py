"""Whether a study's report is of what the study has published."""

from pathlib import Path

import msgspec

from firstmile.study.publishing.manifest import listed_files


class _File(msgspec.Struct, frozen=True):
    sha256: str


class _Source(msgspec.Struct, frozen=True):
    files: tuple[_File, ...] = ()


class _Made(msgspec.Struct, frozen=True):
    source: _Source


def is_reported(report: Path, published: Path) -> bool:
    """Whether a report was made of the files that a published folder lists, as they are listed."""
    try:
        made = msgspec.json.decode((report / "report.json").read_bytes(), type=_Made)
    except (OSError, msgspec.MsgspecError):
        return False
    read = {file.sha256 for file in made.source.files}
    return bool(read) and read <= set(listed_files(published).values())
