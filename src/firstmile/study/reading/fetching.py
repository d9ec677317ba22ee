"""Fetch an address once, within bounds, into the cache."""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Final

import httpcore

from firstmile import __version__
from firstmile.errors import UserError
from firstmile.study.reading.addresses import WebAddress, read_address, redirected
from firstmile.study.reading.cache import Cache, Download
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.network import CheckedBackend, Deadline, NetworkPolicy
from firstmile.study.reading.quoting import shown

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def fetch(
    source: str,
    cache: Cache,
    policy: NetworkPolicy,
    *,
    refresh: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> tuple[Download, bool]:
    """Return what an address holds, and whether it came from the cache; raises UserError.

    What was fetched before is not fetched again, unless `refresh` asks whether it has changed.
    """
    address = read_address(source)
    known = cache.find(address.full)
    if known is not None and not refresh:
        return known, True
    deadline = Deadline(policy.max_seconds, address.host)
    with cache.temporary() as (path, file):
        answer = _get(address, known, policy, deadline, file)
        if answer is None and known is not None:
            return known, True
        if answer is None:
            raise _answered(address.host, 304)
        download = Download(
            url=address.plain,
            name=address.name,
            sha256=answer.sha256,
            bytes=answer.bytes,
            fetched_at=now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            etag=answer.etag,
            content_type=answer.content_type,
        )
        file.flush()
        os.fsync(file.fileno())
        cache.keep(address.full, download, path)
    return download, False


class _Answer:
    """What a server sent: its body's hash and size, and two of its headers."""

    def __init__(self, response: httpcore.Response) -> None:
        self.sha256 = ""
        self.bytes = 0
        self.etag = _header(response, b"etag")
        self.content_type = _header(response, b"content-type")


def _get(
    address: WebAddress,
    known: Download | None,
    policy: NetworkPolicy,
    deadline: Deadline,
    file: IO[bytes],
) -> _Answer | None:
    """Follow redirects by hand and write the body; None where it has not changed."""
    headers = [
        ("User-Agent", f"firstmile/{__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
    ]
    if known is not None and known.etag:
        headers.append(("If-None-Match", known.etag))
    for _ in range(policy.max_redirects + 1):
        with httpcore.ConnectionPool(
            ssl_context=policy.certificates(),
            network_backend=CheckedBackend(policy, deadline),
            max_connections=1,
        ) as pool:
            try:
                with pool.stream("GET", address.full, headers=headers) as response:
                    location = _header(response, b"location")
                    if response.status in _REDIRECTS and location:
                        address = redirected(address, location)
                        continue
                    if response.status == 304:
                        return None
                    return _receive(response, address, policy, deadline, file)
            except httpcore.TimeoutException:
                deadline.left()
                raise UserError(
                    f"{shown(address.host)} did not answer in time; try again later."
                ) from None
            except (httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise UserError(
                    f"The download from {shown(address.host)} broke off "
                    f"({shown(str(error)) or type(error).__name__}); try again."
                ) from error
    raise UserError(
        f"{shown(address.host)} redirects more than {policy.max_redirects} times; "
        "give the final address."
    )


def _receive(
    response: httpcore.Response,
    address: WebAddress,
    policy: NetworkPolicy,
    deadline: Deadline,
    file: IO[bytes],
) -> _Answer:
    if response.status != 200:
        raise _answered(address.host, response.status)
    if (_header(response, b"content-encoding") or "identity").lower() != "identity":
        raise UserError(
            f"{shown(address.host)} sends the file compressed though asked not to; "
            "download it yourself and give the file."
        )
    length = _header(response, b"content-length")
    if length is None and (_header(response, b"transfer-encoding") or "").lower() != "chunked":
        raise UserError(
            f"{shown(address.host)} does not say where the file ends, so it may be cut short; "
            "download it yourself and give the file."
        )
    if length is not None and length.isdigit() and int(length) > policy.max_bytes:
        raise _too_much(address.host, policy)
    answer, digest = _Answer(response), hashlib.sha256()
    for block in response.iter_stream():
        answer.bytes += len(block)
        if answer.bytes > policy.max_bytes:
            raise _too_much(address.host, policy)
        deadline.left()
        digest.update(block)
        file.write(block)
    answer.sha256 = digest.hexdigest()
    return answer


def _header(response: httpcore.Response, name: bytes) -> str | None:
    for key, value in response.headers:
        if key.lower() == name:
            return value.decode("ascii", errors="replace").strip()
    return None


def _answered(host: str, status: int) -> UserError:
    advice = "check the address" if 400 <= status < 500 else "try again later"
    return UserError(f"{shown(host)} answered with status {status} instead of the file; {advice}.")


def _too_much(host: str, policy: NetworkPolicy) -> UserError:
    amount = (
        f"{policy.max_bytes // MIB} MiB" if policy.max_bytes >= MIB else f"{policy.max_bytes} bytes"
    )
    return UserError(
        f"{shown(host)} sends more than {amount}, which is the most that is downloaded; "
        "download it yourself and give the file."
    )
