"""A repository of the Hub is read in bounded pieces, and its token goes nowhere else."""

import contextlib
import ipaddress
import json
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from firstmile.check.examining import check
from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.unit import find_checks
from firstmile.check.worlds import LLAMA
from firstmile.errors import UserError
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.model_folder.hub import Named, named_repository, read_repository
from firstmile.facts.model_folder.reading import read_model_folder
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.web import Ceilings, Web
from firstmile.findings import Outcome
from reading.https_site import Handler, Site, loopback_certificates, serve_site

COMMIT = "a" * 40
NAMED = Named(repository="owner/small")
LIST = "/api/models/owner/small/revision/main?blobs=true"


def shard(count: int, *, width: int = 64) -> bytes:
    """Return a safetensors file of zeros."""
    header, at = {}, 0
    for number in range(count):
        end = at + 2 * width
        entry = {"dtype": "BF16", "shape": [width], "data_offsets": [at, end]}
        header[f"model.layers.{number}.input_layernorm.weight"] = entry
        at = end
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(at)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as running:
        yield running


def publish(site: Site, files: dict[str, bytes], **listed: Any) -> None:
    """Serve a repository as the Hub does: its list, and its files by range."""
    siblings = [{"rfilename": name, "size": len(data)} for name, data in files.items()]
    body = json.dumps({"sha": COMMIT, "siblings": siblings, **listed}).encode()
    site.serve(LIST, body, kind="application/json")
    for name, data in files.items():
        site.answer(place(name), ranged(data))


def place(name: str) -> str:
    return f"/owner/small/resolve/{COMMIT}/{name}"


def ranged(data: bytes) -> Any:
    def answer(handler: Handler) -> None:
        start, _, last = handler.headers["Range"].removeprefix("bytes=").partition("-")
        part = data[int(start) : int(last) + 1]
        handler.send_response(206)
        end = int(start) + len(part) - 1
        handler.send_header("Content-Range", f"bytes {start}-{end}/{len(data)}")
        handler.send_header("Content-Length", str(len(part)))
        handler.end_headers()
        handler.wfile.write(part)

    return answer


def status(code: int) -> Any:
    def answer(handler: Handler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def ceilings(**changes: Any) -> Ceilings:
    loopback = ipaddress.ip_address("127.0.0.1")
    values: dict[str, Any] = {
        "allows": lambda address: address == loopback,
        "certificates": loopback_certificates,
        "seconds": 10.0,
        **changes,
    }
    return Ceilings(**values)


def read(site: Site, *, token: str | None = None, **changes: Any) -> ModelFolder:
    return read_repository(NAMED, token=token, hub=site.url, ceilings=ceilings(**changes))


FILES = {
    "config.json": json.dumps(LLAMA).encode(),
    "tokenizer_config.json": b'{"chat_template": "{{ messages[0].content }}"}',
    "model-00001-of-00002.safetensors": shard(3),
    "model-00002-of-00002.safetensors": shard(2000),
    "README.md": b"# small\n",
    "pytorch_model.bin": b"\x80\x02never fetched",
}


def test_a_repository_reads_like_its_folder(site: Site, tmp_path: Path) -> None:
    publish(site, FILES)
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    here, there = read_model_folder(tmp_path), read(site)
    assert there.kind == here.kind
    assert there.shards == here.shards
    assert there.documents == here.documents
    assert [(one.path, one.size_bytes) for one in there.files] == [
        (one.path, one.size_bytes) for one in here.files
    ]
    assert [one.rendered for one in there.templates] == [one.rendered for one in here.templates]
    assert there.snapshot_of == f"owner/small at {COMMIT}"
    assert there.why_not("samples") == "values are not fetched from the Hub"


def test_weights_and_other_large_files_are_never_fetched(site: Site) -> None:
    publish(site, {**FILES, "model.gguf": b"GGUF" + bytes(500_000)})
    read(site)
    assert place("pytorch_model.bin") not in site.asked
    assert place("README.md") not in site.asked
    whole = [each.get("Range") for each in site.headers[1:]]
    assert all(whole)
    assert site.asked.count(place("model-00001-of-00002.safetensors")) == 1


def test_what_is_not_fetched_is_no_fault_of_the_model(site: Site) -> None:
    files = {**FILES, "tokenizer.json": b"{" + b" " * 21 * 1024 * 1024 + b"}"}
    publish(site, files)
    site.answer(place("model-00001-of-00002.safetensors"), status(503))
    found = read(site)
    assert found.tokenizer is None
    assert "20 MiB" in (found.why_not("tokenizer") or "")
    assert "503" in (found.why_not("shards") or "")
    assert [one.path for one in found.shards] == ["model-00002-of-00002.safetensors"]
    findings = judge_all(find_checks(), Snapshot(model=found), Intent())
    assert not [one for one in findings if one.outcome is Outcome.ERROR]
    told = [one.source for one in findings if one.outcome is Outcome.FAIL]
    assert not {name for name in told if "tokenizer" in name or "pickle" in name}


def test_the_token_goes_to_the_hub_and_not_along_with_a_redirect(site: Site) -> None:
    publish(site, FILES)
    with serve_site() as other:
        name = "model-00002-of-00002.safetensors"
        site.redirect(place(name), other.url + "/stored")
        other.answer("/stored", ranged(FILES[name]))
        found = read(site, token="hf_secret")
        assert len(found.shards) == 2
        assert {each.get("Authorization") for each in site.headers} == {"Bearer hf_secret"}
        assert other.asked
        assert not any("Authorization" in each for each in other.headers)


def test_a_token_does_not_come_back_after_a_redirect_there_and_back(site: Site) -> None:
    with serve_site() as other:
        site.redirect("/first", other.url + "/there")
        other.redirect("/there", site.url + "/back")
        site.serve("/back", b"text")
        web = Web(ceilings=ceilings(), token="hf_secret", token_host=site.url[8:])
        assert web.get(site.url + "/first", length=10) == b"text"
    assert "Authorization" in site.headers[0]
    assert "Authorization" not in site.headers[1]


@pytest.mark.parametrize(
    ("code", "says"), [(401, "HF_TOKEN"), (403, "gated"), (404, "no such"), (429, "no more")]
)
def test_a_repository_that_is_refused_says_why(site: Site, code: int, says: str) -> None:
    site.answer(LIST, status(code))
    with pytest.raises(UserError, match=says):
        read(site)


def test_private_addresses_and_plain_http_are_refused(site: Site) -> None:
    with pytest.raises(UserError, match="no public address"):
        read_repository(NAMED, hub=site.url, ceilings=Ceilings(certificates=loopback_certificates))
    assert not site.asked
    site.redirect(LIST, "http://127.0.0.1:9/x")
    with pytest.raises(UserError, match="https alone"):
        read(site)
    site.redirect(LIST, "https://10.0.0.1/x")
    with pytest.raises(UserError, match="no public address"):
        read(site)
    site.redirect(LIST, site.url + unquote(LIST))
    with pytest.raises(UserError, match="too often"):
        read(site)


def test_a_certificate_that_nobody_vouches_for_is_refused(site: Site) -> None:
    import ssl

    publish(site, FILES)
    with pytest.raises(UserError, match="certificate"):
        read(site, certificates=ssl.create_default_context)


def test_a_slow_server_is_given_up(site: Site) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(400):
            handler.wfile.write(b" ")
            time.sleep(0.1)

    site.answer(LIST, drip)
    began = time.monotonic()
    with pytest.raises(UserError, match="too long"):
        read(site, request_seconds=0.5)
    assert time.monotonic() - began < 20


def test_a_server_that_ends_early_is_not_believed(site: Site) -> None:
    publish(site, FILES)

    def cut(handler: Handler) -> None:
        handler.send_response(206)
        handler.send_header("Content-Range", "bytes 0-999/1000")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")

    site.answer(place("model-00001-of-00002.safetensors"), cut)
    assert "ended" in (read(site).why_not("shards") or "")
    site.answer(place("config.json"), cut)
    with pytest.raises(UserError, match=r"config\.json"):
        read(site)


def test_a_server_without_ranges_is_read_from_its_beginning(site: Site) -> None:
    publish(site, FILES)
    for name, data in FILES.items():
        site.serve(place(name), data)
    assert len(read(site).shards[1].tensors) == 2000


def test_ceilings_on_requests_and_bytes_hold(site: Site) -> None:
    publish(site, FILES)
    found = read(site, most_requests=4)
    assert "more requests" in (found.why_not("shards") or "")
    with pytest.raises(UserError, match="more bytes"):
        read(site, most_bytes=100)


def test_bytes_of_heads_count_as_those_of_bodies_do(site: Site) -> None:
    def flood(handler: Handler) -> None:
        for _ in range(2_000):
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\nX-A: " + b"a" * 500 + b"\r\n\r\n")
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    site.answer(LIST, flood)
    with pytest.raises(UserError, match="more bytes"):
        read(site, most_bytes=200_000)


def test_addresses_that_do_not_answer_share_the_time_of_one_request() -> None:
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = full.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        limits = ceilings(
            resolve=lambda *_: ["127.0.0.1"] * 50, connect_seconds=0.3, request_seconds=0.5
        )
        began = time.monotonic()
        with pytest.raises(UnreadableError, match="too long"):
            Web(ceilings=limits).get(f"https://hub.test:{port}/", length=9)
    assert time.monotonic() - began < 10


def test_files_that_do_not_come_are_asked_for_no_more_than_twice(site: Site) -> None:
    names = [f"model-{n:05}-of-00010.safetensors" for n in range(1, 11)]
    publish(site, {"config.json": json.dumps(LLAMA).encode(), **dict.fromkeys(names, shard(1))})
    for name in names:
        site.answer(place(name), status(503))
    found = read(site, most_requests=1_000)
    assert "503" in (found.why_not("shards") or "")
    assert len(site.asked) <= 2 * len(names) + 2


def test_a_list_of_more_parts_than_any_repository_has_is_not_read(site: Site) -> None:
    site.serve(LIST, b'{"sha": "", "siblings": [' + b"{}," * 300_000 + b"{}]}")
    with pytest.raises(UserError, match="more than 200,000 parts"):
        read(site)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"sha": 1}',
        b'{"sha": "../../x", "siblings": []}',
        b"[" * 100_000,
        b'{"sha": NaN}',
    ],
)
def test_an_answer_that_is_no_list_is_refused(site: Site, body: bytes) -> None:
    site.serve(LIST, body)
    with pytest.raises(UserError, match="cannot be read"):
        read(site)


def test_paths_that_no_folder_has_are_left_out(site: Site) -> None:
    names: list[Any] = ["../x.json", "/etc/x.json", "a\\b", "a/../b.json", "\x1b[0m.json", "", 5]
    siblings: list[Any] = [{"rfilename": name, "size": 1} for name in names]
    siblings += [None, {"rfilename": "a.json", "size": -1}, {"rfilename": "b.json", "size": True}]
    site.serve(LIST, json.dumps({"sha": COMMIT, "siblings": siblings}).encode())
    assert read(site).files == ()


@pytest.mark.parametrize(
    ("text", "revision"), [("owner/small", "main"), ("owner/small@refs/pr/1", "refs/pr/1")]
)
def test_a_repository_is_named_with_its_revision(text: str, revision: str) -> None:
    assert named_repository(text) == Named(repository="owner/small", revision=revision)


@pytest.mark.parametrize("text", ["small", "a/b/c", "a/b@", "a/b@../x", "../b", "a/b@x y", "a@b/c"])
def test_what_is_no_repository_names_none(text: str) -> None:
    assert named_repository(text) is None


def test_a_checkup_reads_what_is_not_here_on_the_hub_where_it_may(site: Site) -> None:
    publish(site, FILES)

    def fetch(named: Named) -> ModelFolder:
        return read_repository(named, hub=site.url, ceilings=ceilings())

    command = "vllm serve owner/small --tensor-parallel-size 3"
    found = check(command=command, online=True, fetch=fetch)
    told = {each.source: each.outcome for each in found.examination.findings}
    assert told["tensor-parallel-size-does-not-divide-the-heads"] is Outcome.FAIL
    with pytest.raises(UserError, match="or add --online"):
        check("owner/small")
