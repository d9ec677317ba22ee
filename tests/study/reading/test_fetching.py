"""An https address is fetched once, within bounds, and only from where it may be."""

import dataclasses
import io
import ipaddress
import json
import socket
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstmile.errors import UserError
from firstmile.study.reading import Reading, read_source
from firstmile.study.reading.addresses import read_address
from firstmile.study.reading.cache import default_cache
from firstmile.study.reading.network import NetworkPolicy, is_public
from reading.sources import Handler, Refusal, Site, published_row

BODY = json.dumps([published_row(1), published_row(2)]).encode()
CSV = b"symptom,cause,stage\nhang,api,inference\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def refused(refusal: Refusal, policy: NetworkPolicy, cache: Path) -> Refusal:
    """Expect a UserError of a download, which leaves nothing in the cache."""
    refusal.options = {"network": policy, "cache": cache}
    return refusal


def read(url: str, policy: NetworkPolicy, cache: Path, **options: Any) -> Reading:
    return read_source(url, network=policy, cache=cache, **options)


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


def test_a_loop_of_redirects_ends(site: Site, refused: Refusal) -> None:
    url = site.redirect("/set.json", "/set.json")
    assert "redirects more than 5 times" in refused(url)
    assert len(site.asked) == 6


def test_a_redirect_to_a_private_address_is_refused(site: Site, refused: Refusal) -> None:
    url = site.redirect("/set.json", "https://10.0.0.1/set.json")
    assert "10.0.0.1 is at 10.0.0.1, which is no public address" in refused(url)


def test_a_redirect_away_from_https_is_refused(site: Site, refused: Refusal) -> None:
    for target in ("http://127.0.0.1/set.json", "file:///etc/hosts", "ftp://127.0.0.1/x"):
        assert "is not https" in refused(site.redirect("/set.json", target))


def test_a_redirect_to_an_address_with_a_password_is_refused(site: Site, refused: Refusal) -> None:
    url = site.redirect("/set.json", "https://user:sesame@127.0.0.1/")
    assert "sesame" not in refused(url)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_file_that_is_not_there_is_told(site: Site, refused: Refusal, status: int) -> None:
    url = site.answer("/set.json", lambda handler: handler.send_error(status))
    assert f"answered with status {status} instead of the file; check" in refused(url)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_is_told(site: Site, refused: Refusal, status: int) -> None:
    url = site.answer("/set.json", lambda handler: handler.send_error(status))
    assert f"answered with status {status} instead of the file; try again" in refused(url)


def begin(handler: Handler, **headers: str) -> None:
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def test_a_slow_server_is_left_at_the_deadline(
    site: Site, refused: Refusal, policy: NetworkPolicy
) -> None:
    def drip(handler: Handler) -> None:
        begin(handler, Content_Length="1000")
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    url, started = site.answer("/set.json", drip), time.monotonic()
    patience = dataclasses.replace(policy, max_seconds=0.5)
    assert "takes longer than 0.5 seconds" in refused(url, network=patience)
    assert time.monotonic() - started < 2


def test_slow_headers_are_left_at_the_deadline(
    site: Site, refused: Refusal, policy: NetworkPolicy
) -> None:
    def drip(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            handler.wfile.write(b"X-%d: y\r\n" % number)
            time.sleep(0.02)

    patience = dataclasses.replace(policy, max_seconds=0.5)
    assert "takes longer" in refused(site.answer("/set.json", drip), network=patience)


def test_a_silent_server_is_left(site: Site, refused: Refusal, policy: NetworkPolicy) -> None:
    url = site.answer("/set.json", lambda _: time.sleep(1))
    patience = dataclasses.replace(policy, read_seconds=0.2)
    assert "did not answer in time" in refused(url, network=patience)


def test_an_endless_body_is_left_at_the_ceiling(site: Site, refused: Refusal, cache: Path) -> None:
    def pour(handler: Handler) -> None:
        begin(handler, Transfer_Encoding="chunked")
        for _ in range(10_000):
            handler.wfile.write(b"400\r\n" + b" " * 1024 + b"\r\n")

    assert "sends more than 200000 bytes" in refused(site.answer("/set.json", pour))
    assert list(cache.iterdir()) == []


def test_a_body_announced_as_too_large_is_not_read(site: Site, refused: Refusal) -> None:
    url = site.answer("/set.json", lambda handler: begin(handler, Content_Length=str(10**12)))
    assert "sends more than 200000 bytes" in refused(url)


def test_a_body_that_breaks_off_is_not_kept(site: Site, refused: Refusal, cache: Path) -> None:
    def stop(handler: Handler) -> None:
        begin(handler, Content_Length=str(len(BODY)))
        handler.wfile.write(BODY[:50])

    assert "broke off" in refused(site.answer("/set.json", stop))
    assert list(cache.iterdir()) == []


def test_a_body_without_an_end_mark_is_refused(site: Site, refused: Refusal) -> None:
    def close(handler: Handler) -> None:
        begin(handler)
        handler.wfile.write(BODY)

    assert "does not say where the file ends" in refused(site.answer("/set.json", close))


def test_a_compressed_body_is_refused(site: Site, refused: Refusal) -> None:
    url = site.answer("/set.json", lambda h: begin(h, Content_Encoding="gzip", Content_Length="0"))
    assert "sends the file compressed" in refused(url)


def test_no_answer_in_http_is_told(site: Site, refused: Refusal) -> None:
    def greet(handler: Handler) -> None:
        handler.wfile.write(b"220 mail ready\r\n")

    assert "broke off" in refused(site.answer("/set.json", greet))


def test_wrong_content_is_told(site: Site, refused: Refusal) -> None:
    page = b"<!doctype html><title>Sign in</title>"
    assert "is no zip (it looks like a web page)" in refused(site.serve("/set.zip", page))
    assert "set.json is a web page" in refused(site.serve("/set.json", page))
    assert "holds neither csv, jsonl, json, parquet or zip" in refused(
        site.serve("/page", page, kind="text/html")
    )


def test_a_certificate_that_is_not_trusted_is_refused(
    site: Site, refused: Refusal, policy: NetworkPolicy
) -> None:
    distrusting = dataclasses.replace(policy, certificates=NetworkPolicy().certificates)
    assert "broke off" in refused(site.serve("/set.json", BODY), network=distrusting)


def test_a_closed_port_is_told(refused: Refusal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "broke off" in refused(f"https://127.0.0.1:{port}/set.json")


def test_loopback_is_refused_by_default(site: Site, refused: Refusal) -> None:
    url = site.serve("/set.json", BODY)
    for address in (url, url.replace("127.0.0.1", "localhost")):
        assert "which is no public address" in refused(address, network=NetworkPolicy())
    assert site.asked == []


def test_a_host_with_one_forbidden_address_is_refused_before_connecting(
    site: Site, refused: Refusal, policy: NetworkPolicy
) -> None:
    url = site.serve("/set.json", BODY).replace("127.0.0.1", "files.test")
    twofold = dataclasses.replace(policy, resolve=lambda *_: ["127.0.0.1", "10.0.0.7"])
    assert "files.test is at 10.0.0.7" in refused(url, network=twofold)
    assert site.asked == []


def test_the_connection_goes_to_the_very_address_that_was_checked(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    asked: list[str] = []

    def rebind(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.7"]

    url = site.serve("/set.json", BODY).replace("127.0.0.1", "files.test")
    assert len(read(url, dataclasses.replace(policy, resolve=rebind), cache).failures) == 2
    assert asked == ["files.test"]
    assert site.headers[0]["Host"].startswith("files.test:")


def test_a_host_that_is_slow_to_be_found_is_left(refused: Refusal, policy: NetworkPolicy) -> None:
    def dawdle(_host: str, _port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    slow = dataclasses.replace(policy, resolve=dawdle, connect_seconds=0.1)
    assert "files.test cannot be found" in refused("https://files.test/x.json", network=slow)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "140.82.121.3", "2606:4700:4700::1111"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("http://example.org/set.zip", "is not https"),
        ("HTTP://example.org/set.zip", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("ftp://user:sesame@example.org/", "is not https"),
        ("https://user:sesame@example.org/set.zip", "user name or password"),
        ("https:///set.zip", "names no host"),
        ("https://example.org:99999/", "no usable address"),
        ("https://[::1/", "no usable address"),
        ("https://example.org/a b", "no usable address"),
        ("https://example.org/\x1b[2J", "no usable address"),
        ("https://example.org\\@127.0.0.1/", "no usable address"),
        ("https://" + "a" * 300 + ".example/", "no name of a host"),
        ("https://example.org/" + "a" * 3000, "no usable address"),
    ],
)
def test_an_unusable_address_is_told_without_its_secrets(
    refusal: Refusal, written: str, told: str
) -> None:
    sentence = refusal(written)
    assert told in sentence
    assert "sesame" not in sentence


@pytest.mark.parametrize(
    "written",
    [
        "https://github.com/example/demo",
        "https://github.com/example/demo/",
        "https://github.com/example/demo.git",
        "https://www.github.com/example/demo?tab=readme#top",
    ],
)
def test_a_repository_becomes_the_archive_of_its_default_branch(written: str) -> None:
    address = read_address(written)
    assert address.full.endswith("github.com/example/demo/archive/HEAD.zip")
    assert address.name == "demo.zip"


def test_other_addresses_stay_what_they_are() -> None:
    address = read_address("https://Example.org:443/a/%C3%A9.csv?x=1#y")
    assert address.full == "https://example.org/a/%C3%A9.csv?x=1"
    assert address.plain == "https://example.org/a/%C3%A9.csv"
    assert address.name == "é.csv"


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


def test_errors_of_a_download_are_the_users_to_put_right() -> None:
    with pytest.raises(UserError):
        read_address("https://")


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
