"""A file behind an https address is fetched once and then read from the cache."""

import dataclasses
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstmile.study.reading.cache import default_cache
from firstmile.study.reading.network import NetworkPolicy
from reading.https_site import Site
from reading.sources import BODY, Refusal, published_row, read

CSV = b"symptom,cause,stage\nhang,api,inference\n"


def test_a_file_is_fetched_once_and_then_read_from_the_cache(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    url = site.serve("/set.json", BODY)
    first, second = read(url, policy, cache), read(url, policy, cache)
    assert site.asked == ["/set.json"]
    assert not first.provenance.from_cache
    assert second.provenance.from_cache
    assert second.provenance == dataclasses.replace(first.provenance, from_cache=True)
    assert first.provenance.kind == "url"
    assert first.provenance.url == url
    assert first.provenance.bytes == len(BODY)
    assert first.provenance.fetched_at is not None
    assert first.provenance.fetched_at.endswith("Z")
    assert first.provenance.sha256 == first.provenance.files[0].sha256
    assert (cache / str(first.provenance.sha256)).read_bytes() == BODY


def test_a_cached_file_that_was_changed_is_fetched_again(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    url = site.serve("/set.json", BODY)
    sha256 = read(url, policy, cache).provenance.sha256
    (cache / str(sha256)).write_bytes(b"[]")
    assert len(read(url, policy, cache).failures) == 2
    assert len(site.asked) == 2


def test_a_refresh_asks_whether_the_file_has_changed(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    url = site.serve("/set.json", BODY, etag='"one"')
    read(url, policy, cache)
    assert read(url, policy, cache, refresh=True).provenance.from_cache
    assert site.headers[-1]["If-None-Match"] == '"one"'
    site.serve("/set.json", json.dumps([published_row(1)]).encode(), etag='"two"')
    changed = read(url, policy, cache, refresh=True)
    assert not changed.provenance.from_cache
    assert len(changed.failures) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(
    site: Site, policy: NetworkPolicy, cache: Path, status: int
) -> None:
    site.serve("/b/set.json", BODY)
    url = site.redirect("/set.json", "b/set.json", status)
    assert len(read(url, policy, cache).failures) == 2


def test_a_zip_a_csv_and_json_lines_are_known_by_their_content_or_type(
    site: Site, policy: NetworkPolicy, cache: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("set.json", BODY)
    lines = b"".join(json.dumps(published_row(n)).encode() + b"\n" for n in (1, 2))
    zipped = site.serve("/download", (tmp_path / "set.zip").read_bytes())
    assert len(read(zipped, policy, cache).failures) == 2
    table = site.serve("/table", CSV, kind="text/csv; charset=utf-8")
    assert len(read(table, policy, cache).failures) == 1
    named = site.serve("/set.jsonl", lines)
    assert len(read(named, policy, cache).failures) == 2


def test_the_query_of_an_address_is_neither_shown_nor_stored(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    url = site.serve("/set.json?token=sesame", BODY)
    reading = read(url, policy, cache)
    assert "sesame" not in repr(reading.provenance)
    assert not any(b"sesame" in path.read_bytes() for path in cache.iterdir())


def test_a_cache_that_cannot_be_written_is_told(
    site: Site, refused: Refusal, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    sentence = refused(site.serve("/set.json", BODY), cache=tmp_path / "file" / "cache")
    assert "cannot be written" in sentence


def test_an_interruption_leaves_nothing_half_written(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    def interrupt(_host: str, _port: int) -> list[str]:
        raise KeyboardInterrupt

    url = site.serve("/set.json", BODY)
    stopped = dataclasses.replace(policy, allows=lambda _: interrupt("", 0) == [])
    with pytest.raises(KeyboardInterrupt):
        read(url, stopped, cache)
    assert list(cache.iterdir()) == []


def test_a_note_in_the_cache_that_is_damaged_is_ignored(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    url = site.serve("/set.json", BODY)
    read(url, policy, cache)
    for path in cache.glob("*.json"):
        path.write_text('{"sha256": "../../etc/passwd"}')
    assert not read(url, policy, cache).provenance.from_cache


def test_downloads_are_kept_where_the_system_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "firstmile" / "sources"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "firstmile" / "sources"


def test_a_parquet_table_is_known_by_its_first_bytes(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    buffer = io.BytesIO()
    row = {"symptom": "hang", "cause": "api", "stage": "inference"}
    pq.write_table(pa.Table.from_pylist([row]), buffer)
    url = site.serve("/rows", buffer.getvalue())
    assert len(read(url, policy, cache).failures) == 1
