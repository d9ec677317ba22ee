"""A download ends at a deadline, at a ceiling or at an answer that is no file."""

import dataclasses
import socket
import time
from pathlib import Path

import pytest

from firstmile.study.reading.network import NetworkPolicy
from reading.https_site import Handler, Site
from reading.sources import BODY, Refusal


def test_a_loop_of_redirects_ends(site: Site, refused: Refusal) -> None:
    url = site.redirect("/set.json", "/set.json")
    assert "redirects more than 5 times" in refused(url)
    assert len(site.asked) == 6


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
        for _ in range(2_000):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    url, started = site.answer("/set.json", drip), time.monotonic()
    patience = dataclasses.replace(policy, max_seconds=0.5)
    assert "takes longer than 0.5 seconds" in refused(url, network=patience)
    assert time.monotonic() - started < 20


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


def test_a_closed_port_is_told(refused: Refusal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "broke off" in refused(f"https://127.0.0.1:{port}/set.json")


def test_a_host_that_is_slow_to_be_found_is_left(refused: Refusal, policy: NetworkPolicy) -> None:
    def dawdle(_host: str, _port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    slow = dataclasses.replace(policy, resolve=dawdle, connect_seconds=0.1)
    assert "files.test cannot be found" in refused("https://files.test/x.json", network=slow)
