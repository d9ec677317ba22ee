"""Tell what kind of source was given, and read it."""

import stat
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from firstmile.errors import UserError
from firstmile.study.reading.addresses import is_address
from firstmile.study.reading.archives import Archive
from firstmile.study.reading.cache import Cache, Download, default_cache
from firstmile.study.reading.ceilings import Ceilings
from firstmile.study.reading.codebooks import codebook_around, codebook_of, publication
from firstmile.study.reading.folders import Container, Folder, NamedFiles, SingleFile
from firstmile.study.reading.json_files import read_json, read_json_lines
from firstmile.study.reading.labelling import joined, label_files
from firstmile.study.reading.mapping import PUBLISHED
from firstmile.study.reading.provenance import Kind, Provenance, Reading
from firstmile.study.reading.quality import judge
from firstmile.study.reading.quoting import shown
from firstmile.study.reading.raters import refuse_rows_of_raters
from firstmile.study.reading.recognition import is_published_set
from firstmile.study.reading.records import RawFile, Records
from firstmile.study.reading.streams import read_document
from firstmile.study.reading.study_file import FORMATS, read_study_file
from firstmile.study.reading.tables import read_csv, read_parquet
from firstmile.taxonomy import Taxonomy, packaged_taxonomy, using

if TYPE_CHECKING:
    from firstmile.study.reading.network import NetworkPolicy

STUDY_FILE: Final = "study.toml"

PUBLISHED_LAYOUT: Final = "published layout"
"""The format of a folder or zip laid out like the published data set."""

_READERS: Final[dict[str, Callable[..., RawFile]]] = {
    "csv": read_csv,
    "jsonl": read_json_lines,
    "json": read_json,
    "parquet": read_parquet,
}
_SUFFIXES: Final = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".zip": "zip",
}
_CONTENT_TYPES: Final = {
    "application/zip": "zip",
    "application/x-zip-compressed": "zip",
    "text/csv": "csv",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/vnd.apache.parquet": "parquet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What was found in a container before it is labelled; `named` and the rest as in Records."""

    files: tuple[RawFile, ...]
    format: str
    whole: bool
    codebook: Taxonomy
    named: bool = False
    generated: bool = False
    readme: str | None = None


def read_source(
    source: str,
    *,
    cache: Path | None = None,
    ceilings: Ceilings | None = None,
    network: "NetworkPolicy | None" = None,
    refresh: bool = False,
) -> Reading:
    """Read labelled failures from a folder, a zip, an https address, a file or a study.toml.

    `cache` is the folder for downloads (the user's own one otherwise); `refresh` asks again
    whether a download that is there has changed. Raises UserError with one sentence that names
    the file and the record.
    """
    ceilings = ceilings or Ceilings()
    if is_address(source):
        return _read_address(source, cache, ceilings, network, refresh)
    if not source.strip():
        raise UserError("No source is named; give a folder, a zip, a file or an https address.")
    path = Path(source)
    mode = _mode_of(path, source)
    name = path.resolve().name or "/"
    if stat.S_ISDIR(mode) and _holds_a_study(path, source):
        return _read_study_folder(path, STUDY_FILE, ceilings, name)
    if stat.S_ISDIR(mode):
        folder = Folder(path, ceilings)
        content = _read_container(folder, ceilings, name, codebook_around(path))
        return _reading(folder, content, "folder", name)
    if path.suffix == ".toml":
        return _read_study_folder(path.parent, path.name, ceilings, name)
    around = codebook_around(path.parent)
    return _read_file(path, path.name, _format_of(path.name), ceilings, around)


def _mode_of(path: Path, source: str) -> int:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(
            f"{shown(source)} cannot be read ({reason}); "
            "give a folder, a zip, a file or an https address."
        ) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise UserError(
            f"{shown(source)} is a pipe or a device; give a folder, a zip, a file or an "
            "https address."
        )
    return mode


def _holds_a_study(path: Path, source: str) -> bool:
    try:
        return (path / STUDY_FILE).is_file()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            f"{shown(source)} cannot be read ({reason}); give a folder that can."
        ) from error


def _read_study_folder(folder: Path, file: str, ceilings: Ceilings, name: str) -> Reading:
    container = NamedFiles(folder)
    return _reading(container, _read_study(container, file, ceilings), "study.toml", name)


def _read_address(
    source: str,
    cache: Path | None,
    ceilings: Ceilings,
    network: "NetworkPolicy | None",
    refresh: bool,
) -> Reading:
    from firstmile.study.reading.fetching import fetch
    from firstmile.study.reading.network import NetworkPolicy

    store = Cache(cache or default_cache())
    download, from_cache = fetch(source, store, network or NetworkPolicy(), refresh=refresh)
    path = store.path(download)
    written_in = _format_of_download(download, path)
    reading = _read_file(path, download.name, written_in, ceilings, packaged_taxonomy())
    return replace(
        reading,
        provenance=replace(
            reading.provenance,
            kind="url",
            sha256=download.sha256,
            bytes=download.bytes,
            url=download.url,
            fetched_at=download.fetched_at,
            from_cache=from_cache,
        ),
    )


def _read_file(
    path: Path, name: str, written_in: str, ceilings: Ceilings, codebook: Taxonomy
) -> Reading:
    if written_in != "zip":
        container = SingleFile(path, name)
        with using(codebook):
            file = _READERS[written_in](container, name, mapping=None, ceilings=ceilings)
        content = _Content(files=(file,), format=written_in, whole=False, codebook=codebook)
        return _reading(container, content, "file", name)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive(path, name, ceilings))
        content = _read_container(archive, ceilings, name, packaged_taxonomy())
        reading = _reading(archive, content, "zip", name)
        packed = stack.enter_context(
            SingleFile(path, name).open(name, ceiling=ceilings.file_bytes, text=False)
        )
        packed.drain()
        return replace(
            reading,
            provenance=replace(reading.provenance, sha256=packed.sha256, bytes=packed.bytes),
        )


def _read_container(
    container: Container, ceilings: Ceilings, name: str, codebook: Taxonomy
) -> _Content:
    """Read what a folder or an archive holds: what its study.toml names, or all JSON files.

    `codebook` is for labels that no study.toml of a codebook of their own goes with.
    """
    if STUDY_FILE in container.names:
        return _read_study(container, STUDY_FILE, ceilings)
    found = [n for n in container.names if n.lower().endswith(".json")]
    if not found:
        raise UserError(
            f"{shown(name)} holds no JSON file in the published layout; give such a folder, "
            f"one file ({', '.join(FORMATS)}), or a {STUDY_FILE} that names files and columns."
        )
    files = [read_json(container, n, mapping=PUBLISHED, ceilings=ceilings) for n in found]
    return _Content(
        files=tuple(files),
        format=PUBLISHED_LAYOUT,
        whole=True,
        codebook=codebook,
        readme=_readme(container, ceilings),
    )


def _readme(container: Container, ceilings: Ceilings) -> str | None:
    readme = next((n for n in container.names if n.lower() in ("readme.md", "readme")), None)
    if readme is None:
        return None
    stream = container.open(readme, ceiling=ceilings.document_bytes, text=False)
    return read_document(stream).decode(errors="replace")


def _read_study(container: Container, name: str, ceilings: Ceilings) -> _Content:
    study = read_study_file(container, name, ceilings=ceilings)
    codebook = codebook_of(container, study.codebook)
    files = []
    for file in study.files:
        if not container.has(file):
            raise UserError(f"{shown(name)} names {shown(file)}, which is not in its folder.")
        written_in = study.format or _format_of(file)
        if written_in not in _READERS:
            raise UserError(f"{shown(file)} cannot be named in {shown(name)}; unpack it first.")
        reader = _READERS[written_in]
        with using(codebook):
            files.append(reader(container, file, mapping=study.mapping, ceilings=ceilings))
    formats = sorted({study.format or _format_of(file) for file in study.files})
    return _Content(
        files=tuple(files),
        format=", ".join(formats),
        whole=True,
        codebook=codebook,
        named=True,
        generated=publication(container) is not None,
        readme=_readme(container, ceilings),
    )


def _reading(container: Container, content: _Content, kind: Kind, name: str) -> Reading:
    if not any(len(file) for file in content.files):
        raise UserError(f"{shown(name)} holds no records; give a source with labelled failures.")
    taxonomy = content.codebook
    refuse_rows_of_raters(content.files)
    files = label_files(content.files, taxonomy)
    records = Records(
        files=files,
        failures=joined(files, taxonomy),
        names=container.names,
        hidden=container.hidden,
        whole=content.whole,
        named=content.named,
        generated=content.generated,
        readme=content.readme,
    )
    return Reading(
        failures=records.failures,
        is_published_set=content.format == PUBLISHED_LAYOUT and is_published_set(records.failures),
        findings=judge(records, taxonomy),
        provenance=Provenance(
            kind=kind,
            name=name,
            format=content.format,
            files=tuple(file.read for file in content.files),
            records=len(records),
        ),
    )


def _format_of(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _SUFFIXES:
        raise UserError(
            f"{shown(name)} does not tell its format by its name; "
            f"it should end in {_or(list(_SUFFIXES))}."
        )
    return _SUFFIXES[suffix]


def _format_of_download(download: Download, path: Path) -> str:
    """Tell a download's format by its first bytes, its address, or what the server said."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PK\x03\x04":
        return "zip"
    if head == b"PAR1":
        return "parquet"
    suffix = PurePosixPath(download.name).suffix.lower()
    said = (download.content_type or "").partition(";")[0].strip().lower()
    if found := _SUFFIXES.get(suffix) or _CONTENT_TYPES.get(said):
        return found
    raise UserError(
        f"{shown(download.url)} holds neither {_or(list(_SUFFIXES.values()))}; check the address."
    )


def _or(words: Sequence[str]) -> str:
    plain = list(dict.fromkeys(words))
    return ", ".join(plain[:-1]) + " or " + plain[-1]
