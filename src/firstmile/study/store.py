"""The store: the collected issues as columns, one Parquet file a repository, read lazily.

It is made from the archive alone, and made again for a repository whenever the archive has new
pages of it, so deleting it loses nothing.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.files import write_whole
from firstmile.study.archive import Archive, ArchivedPage
from firstmile.study.github.addresses import issue_url, read_address
from firstmile.study.issues import Comment, Issue, Record
from firstmile.study.reading.quoting import shown
from firstmile.study.sources import find_source

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FORMAT: Final = 4
"""Rises with what the columns mean, so that a store of before is made again from the archive."""

ROWS: Final = 500
"""Issues of a row group: what is read at once for one of them."""

MANIFEST: Final = "manifest.json"
_UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, msgspec.MsgspecError)
"""What becomes of columns that a damaged file has under other names, or not at all."""

_URL: Final = re.compile(r"https://[^/]+/([^/]+/[^/]+)/(?:issues|pull|discussions)/(\d+)")


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a repository's file, and the archive's pages that it was made of."""

    file: str
    issues: int
    pages: tuple[str, ...]


class _Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int = FORMAT
    repositories: Mapping[str, _Held] = {}


class Store:
    """A folder with a Parquet file a repository.

    Columns are the fields of `Issue`, `comments` as JSON, and `versions`: how many different
    states of the issue the archive holds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def refresh(self, archive: Archive, *, say: Callable[[str], None] = lambda _line: None) -> int:
        """Make what is out of date anew from the archive; return how many repositories were."""
        taken = _in_time(archive)
        names = _Names(taken)
        pages: dict[str, list[_Placed]] = {}
        for placed in taken:
            for name in sorted(names.of_page(placed.page)):
                pages.setdefault(name, []).append(placed)
        held = dict(self._manifest().repositories)
        changed = 0
        for name in sorted(pages):
            made_of = tuple(placed.place for placed in pages[name])
            known = held.get(name)
            if known and known.pages == made_of and (self.folder / known.file).is_file():
                continue
            say(f"Storing {shown(name)}")
            file = name.replace("/", "+") + ".parquet"
            issues = self._write(self.folder / file, _latest(name, pages[name], names))
            held[name] = _Held(file=file, issues=issues, pages=made_of)
            changed += 1
        for name in sorted(set(held) - set(pages)):
            (self.folder / held.pop(name).file).unlink(missing_ok=True)
            changed += 1
        if changed:
            manifest = _Manifest(repositories=dict(sorted(held.items())))
            write_whole(self.folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        return changed

    def repositories(self) -> Mapping[str, int]:
        """Return how many issues of each repository there are."""
        return {name: held.issues for name, held in self._manifest().repositories.items()}

    def version(self) -> str:
        """Return a text that changes whenever the store's content does."""
        try:
            return hashlib.sha256((self.folder / MANIFEST).read_bytes()).hexdigest()
        except OSError:
            return ""

    def __len__(self) -> int:
        return sum(self.repositories().values())

    def table(
        self, columns: Sequence[str] | None = None, *, repositories: Sequence[str] | None = None
    ) -> "pa.Table":
        """Return columns of all issues (or of some repositories), by repository and number."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = _schema()
        wanted = list(columns) if columns is not None else schema.names
        parts = [schema.empty_table().select(wanted)]
        for name, held in self._manifest().repositories.items():
            if repositories is None or name in repositories:
                parts.append(self._guarded(held.file, lambda p: pq.read_table(p, columns=wanted)))
        return pa.concat_tables(parts)

    def issues(self, *, repositories: Sequence[str] | None = None) -> Iterator[Issue]:
        """Yield issues by repository and number, a row group at a time."""
        import pyarrow.parquet as pq

        for name, held in self._manifest().repositories.items():
            if repositories is not None and name not in repositories:
                continue
            file = self._guarded(held.file, pq.ParquetFile)
            for group in range(file.metadata.num_row_groups):
                yield from self._guarded(held.file, partial(_of_group, file, group))

    def issue(self, url: str) -> Issue | None:
        """Return one issue by its address, None where it is not there."""
        found = _URL.fullmatch(url)
        held = self._manifest().repositories.get(found[1]) if found else None
        if found is None or held is None:
            return None
        number = int(found[2])
        issue: Issue | None = self._guarded(held.file, lambda path: _find(path, number))
        return issue

    def _guarded(self, file: str, read: Callable[[Path], Any]) -> Any:
        import pyarrow as pa

        try:
            return read(self.folder / file)
        except (OSError, pa.ArrowException, *_UNREADABLE) as error:
            raise UserError(
                f"The store's file {shown(file)} cannot be read: delete the study's store "
                "folder, it is made again from the archive."
            ) from error

    def _manifest(self) -> _Manifest:
        try:
            found = msgspec.json.decode((self.folder / MANIFEST).read_bytes(), type=_Manifest)
        except (OSError, msgspec.MsgspecError):
            return _Manifest()
        return found if found.format == FORMAT else _Manifest()

    def _write(self, path: Path, issues: Iterator[tuple[Issue, int]]) -> int:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True, exist_ok=True)
        schema, count = _schema(), 0
        building = path.with_name(f".{path.name}.part")
        try:
            with pq.ParquetWriter(building, schema, compression="zstd") as writer:
                rows: list[dict[str, Any]] = []
                for issue, versions in issues:
                    rows.append(_row(issue, versions))
                    count += 1
                    if len(rows) == ROWS:
                        writer.write_table(pa.Table.from_pylist(rows, schema), row_group_size=ROWS)
                        rows = []
                if rows:
                    writer.write_table(pa.Table.from_pylist(rows, schema), row_group_size=ROWS)
            building.replace(path)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            if isinstance(error.filename, str) and Path(error.filename) not in (building, path):
                raise UserError(
                    f"{shown(error.filename)}, which storing issues needs, cannot be read "
                    f"({reason}): put it back, or install firstmile anew where it is a file of it."
                ) from error
            raise UserError(
                f"The store's file {shown(path.name)} could not be written ({reason}): nothing "
                "else was changed."
            ) from error
        finally:
            building.unlink(missing_ok=True)
        return count


class _Placed(NamedTuple):
    """A page of the archive, and when it was taken; pages of one target never go back in time."""

    page: ArchivedPage
    time: str

    @property
    def place(self) -> str:
        return f"{self.page.path.parent.name}/{self.page.path.name}"


def _in_time(archive: Archive) -> list[_Placed]:
    """Return the archive's pages in the order they were taken, whatever a clock did meanwhile."""
    newest: dict[Path, str] = {}
    found = []
    for page in archive.pages():
        time = max(newest.get(page.path.parent, ""), page.head.fetched_at)
        newest[page.path.parent] = time
        found.append(_Placed(page, time))
    return sorted(found, key=lambda placed: placed.time)


class _Names:
    """The one name of each repository: the first that the archive had it under.

    An issue's address is the key of every decision on it, so it stays when a repository is
    renamed, or spelled in another way. A target of a source with `TARGET_IS_REPOSITORY` is one
    repository under whatever names its pages give it.
    """

    def __init__(self, pages: Sequence[_Placed]) -> None:
        self._first: dict[str, str] = {}
        self._of_target: dict[Path, str] = {}
        for placed in pages:
            page = placed.page
            for name in page.head.repositories:
                known = self._first.get(name.casefold(), name)
                if _target_is_repository(page):
                    known = self._of_target.setdefault(page.path.parent, known)
                self._first.setdefault(name.casefold(), known)

    def of(self, name: str, page: ArchivedPage) -> str:
        """Return the name of the repository that a page calls so."""
        if _target_is_repository(page) and page.path.parent in self._of_target:
            return self._of_target[page.path.parent]
        return self._first.get(name.casefold(), name)

    def of_page(self, page: ArchivedPage) -> set[str]:
        """Return the repositories that a page speaks of, by their names here."""
        called = set(page.head.repositories)
        if page.head.deleted:
            called.add(page.head.target)
        return {self.of(name, page) for name in called}

    def address(self, written: str | None) -> str | None:
        """Return an address of an issue as it stands in this store."""
        read = read_address(written)
        if read is None:
            return written
        name = self._first.get(read.repository.casefold(), read.repository)
        return issue_url(name, read.number, written)


def _target_is_repository(page: ArchivedPage) -> bool:
    return bool(getattr(find_source(page.head.source), "TARGET_IS_REPOSITORY", False))


class _Told(NamedTuple):
    """A record, the source it came from, and when it was taken."""

    source: str
    time: str
    record: Record


def _latest(
    repository: str, pages: Sequence[_Placed], names: _Names
) -> Iterator[tuple[Issue, int]]:
    """Yield each issue of a repository in its latest state, with the number of its states.

    An issue that a source no longer found counts as deleted until the same source has it again:
    files that are collected later may have been exported long before.
    """
    records: dict[int, list[_Told]] = {}
    gone: dict[int, str] = {}
    for page, time in pages:
        source = page.head.source
        for record in page.records():
            if names.of(record.repository, page) == repository:
                here = msgspec.structs.replace(record, repository=repository)
                records.setdefault(record.number, []).append(_Told(source, time, here))
                if gone.get(record.number) == source:
                    del gone[record.number]
        if page.head.deleted and names.of(page.head.target, page) == repository:
            gone.update(dict.fromkeys(page.head.deleted, source))
    for number in sorted(records):
        issue = _newest(records[number])
        if issue is None:
            continue
        states = {msgspec.json.encode(told.record.payload) for told in records[number]}
        yield (
            msgspec.structs.replace(
                issue, deleted=number in gone, duplicate_of=names.address(issue.duplicate_of)
            ),
            len(states),
        )


def _newest(told: Sequence[_Told]) -> Issue | None:
    """Return an issue as it was when it changed last, and of equals as it was taken last.

    What a source says of one issue in several records is joined by the source itself where it
    offers `merge`.
    """
    found: list[tuple[str, str, Issue]] = []
    for kind in dict.fromkeys(one.source for one in told):
        source, same = find_source(kind), [one for one in told if one.source == kind]
        if merge := getattr(source, "merge", None):
            read = [(merge([one.record for one in same], same[-1].time), same[-1].time)]
        else:
            read = [(source.issue(one.record, one.time), one.time) for one in same]
        found += [(issue.updated_at or "", time, issue) for issue, time in read if issue]
    # max keeps the first of equals; the last that was taken counts.
    return max(reversed(found), key=lambda one: one[:2])[2] if found else None


def _schema() -> "pa.Schema":
    import pyarrow as pa

    text, flag, number = pa.string(), pa.bool_(), pa.int64()
    kinds = {
        "number": number,
        "labels": pa.list_(text),
        "by_bot": flag,
        "locked": flag,
        "deleted": flag,
        "missing_comments": number,
    }
    fields = [(name, kinds.get(name, text)) for name in Issue.__struct_fields__]
    return pa.schema([*fields, ("versions", number)])


def _of_group(file: "pq.ParquetFile", group: int, _path: Path) -> list[Issue]:
    """Return the issues of a row group."""
    return [_issue(row) for row in file.read_row_group(group).to_pylist()]


def _find(path: Path, number: int) -> Issue | None:
    """Return one issue of a repository's file, None where it is not there."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    place = file.schema_arrow.get_field_index("number")
    for group in range(file.metadata.num_row_groups):
        bounds = file.metadata.row_group(group).column(place).statistics
        if bounds.min <= number <= bounds.max:
            rows = file.read_row_group(group)
            kept = rows.filter(pc.equal(rows.column("number"), number)).to_pylist()
            return _issue(kept[0]) if kept else None
    return None


def _row(issue: Issue, versions: int) -> dict[str, Any]:
    row = msgspec.structs.asdict(issue)
    row["labels"] = list(issue.labels)
    row["comments"] = msgspec.json.encode(issue.comments).decode()
    row["versions"] = versions
    return row


def _issue(row: dict[str, Any]) -> Issue:
    values = {name: row[name] for name in Issue.__struct_fields__}
    values["labels"] = tuple(values["labels"] or ())
    values["comments"] = msgspec.json.decode(values["comments"], type=tuple[Comment, ...])
    return Issue(**values)
