"""The `study.toml` of a labelled set: which files, which columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import Ceilings
from firstmile.study.reading.folders import Container
from firstmile.study.reading.mapping import LABELS, NUMBER, ROLES, ColumnMap, nearest
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.reading.streams import read_document
from firstmile.taxonomy.toml_text import read_toml

FORMATS: Final = ("csv", "jsonl", "json", "parquet")
"""What a labelled set may be written in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFile:
    """Files relative to the study.toml; None where format, columns or codebook are not given.

    `codebook` is the folder, or the codebook.json, of the codebook that the labels are from.
    """

    files: tuple[str, ...]
    format: str | None
    mapping: ColumnMap | None
    codebook: str | None = None


def read_study_file(container: Container, name: str, *, ceilings: Ceilings) -> StudyFile:
    """Read a study.toml; raises UserError naming the key that is wrong."""
    data = read_document(container.open(name, ceiling=ceilings.document_bytes))
    study = read_toml(data.decode(), shown(name))
    _check_keys(study, ("data", "columns"), name, "")
    files, written_in, codebook = _data(study.get("data"), name)
    return StudyFile(
        files=files,
        format=written_in,
        mapping=_columns(study.get("columns"), name),
        codebook=codebook,
    )


def _data(data: Any, name: str) -> tuple[tuple[str, ...], str | None, str | None]:
    if not isinstance(data, dict):
        raise UserError(f'{shown(name)} lacks the table [data] with files = ["..."].')
    _check_keys(data, ("files", "format", "codebook"), name, "data.")
    files = data.get("files")
    if not (isinstance(files, list) and files and all(isinstance(f, str) for f in files)):
        raise UserError(f"data.files of {shown(name)} must be a list of one or more file names.")
    for file in files:
        _require_inside(file, "files", name)
    plain = [PurePosixPath(file).as_posix() for file in files]
    if twice := next((file for file in plain if plain.count(file) > 1), None):
        raise UserError(f"data.files of {shown(name)} names {quoted(twice)} twice; remove one.")
    written_in = data.get("format")
    if written_in is not None and written_in not in FORMATS:
        raise UserError(
            f"data.format of {shown(name)} is {quoted(str(written_in))}; "
            f"it can be {', '.join(FORMATS)}{nearest(str(written_in), FORMATS)}."
        )
    codebook = data.get("codebook")
    if codebook is not None:
        if not isinstance(codebook, str) or not codebook:
            raise UserError(
                f"data.codebook of {shown(name)} must name the folder of a codebook, or its "
                "codebook.json."
            )
        _require_inside(codebook, "codebook", name)
        codebook = PurePosixPath(codebook).as_posix()
    return tuple(plain), written_in, codebook


def _require_inside(file: str, key: str, name: str) -> None:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file or ":" in file or not path.name:
        raise UserError(
            f"data.{key} of {shown(name)} names {quoted(file)}, which may lie outside its "
            "folder; name files inside it by relative paths."
        )


def _columns(columns: Any, name: str) -> ColumnMap | None:
    if columns is None:
        return None
    if not isinstance(columns, dict):
        raise UserError(f"columns of {shown(name)} must be a table of roles and column names.")
    known = (*ROLES, NUMBER)
    _check_keys(columns, known, name, "columns.")
    for role in LABELS:
        if role not in columns:
            raise UserError(f"columns of {shown(name)} lacks the {role}; name its column.")
    for role, column in columns.items():
        if not isinstance(column, str) or not column:
            raise UserError(f"columns.{role} of {shown(name)} must be the name of a column.")
    return ColumnMap({role: columns[role] for role in known if role in columns}, given=True)


def _check_keys(table: Mapping[str, Any], known: Iterable[str], name: str, prefix: str) -> None:
    for key in table:
        if key not in known:
            there = ", ".join(known)
            raise UserError(
                f"{shown(name)} has the unknown key {quoted(prefix + key)}; "
                f"it can be {there}{nearest(key, known)}."
            )
