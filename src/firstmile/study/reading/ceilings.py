"""How much of a source is read before it is refused."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """Upper bounds that keep a hostile source from filling memory.

    `file_bytes` bounds a file that is read as a stream or by column, `document_bytes` one that
    is parsed as a whole (JSON, TOML, README), `record_bytes` one record of CSV or JSONL.
    `unpacked_bytes` and `unpacked_ratio` bound a zip, in all and against its packed size.
    """

    file_bytes: int = 1024 * MIB
    document_bytes: int = 256 * MIB
    record_bytes: int = 16 * MIB
    files: int = 10_000
    records: int = 10_000_000
    unpacked_bytes: int = 1024 * MIB
    unpacked_ratio: int = 200
    directory_bytes: int = 16 * MIB
