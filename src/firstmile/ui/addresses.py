"""What stands at an address: a GitHub issue with its comments, or the text of a log."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.needed import require

if TYPE_CHECKING:
    from firstmile.study.github.endpoint import Endpoint
    from firstmile.study.reading.network import NetworkPolicy

LARGEST: Final = 20 * 1024 * 1024
"""Bytes that are read from one address."""
MOST_SECONDS: Final = 60.0
MOST_REDIRECTS: Final = 3
MOST_PAGES: Final = 3
"""Pages of a hundred comments: what failed and what helped is said in the first of them."""
TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - a variable's name
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")
_HOST: Final = re.compile(r"https?://([^/?#\s]{1,300})")
_FILE_PAGE: Final = re.compile(r"https://github\.com/([^/?#]+/[^/?#]+)/blob/([^?#]+)", re.I)
_GIST: Final = re.compile(r"https://gist\.github\.com/([^/?#]+/[0-9a-f]{5,64})/?(?:[?#].*)?", re.I)
_MOVED: Final = frozenset((301, 302, 307, 308))
_LIMITED: Final = frozenset((403, 429))


def is_address(source: str) -> bool:
    """Whether what is to be diagnosed is an address and no file."""
    return _SCHEME.match(source) is not None


def read_address(
    source: str,
    *,
    policy: "NetworkPolicy | None" = None,
    environment: Mapping[str, str] = os.environ,
) -> bytes:
    """Return what stands at an address, as bytes of text; raises UserError.

    Only https is spoken, and only with hosts on the public internet (`policy` allows tests
    others), checked at the address that is connected to, after each redirect anew. The token
    goes to GitHub's API alone, or to the one that the user's environment names, and survives no
    redirect.
    """
    require("collect")
    from firstmile.study.github.addresses import read_address as read_issue_address
    from firstmile.study.github.endpoint import VARIABLE, read_endpoint

    endpoint = read_endpoint(environment.get(VARIABLE) or None)
    issue = read_issue_address(source)
    if issue is None or _site(source) not in ("github.com", _site(endpoint.rest)):
        return _text(_raw(source), policy)
    if "/discussions/" in source:
        raise UserError(
            f"{_shown(source)} is a discussion, which is not read: copy its text into a file "
            "and name that."
        )
    token = environment.get(TOKEN, "").strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UserError(f"{TOKEN} holds a character that no token has: copy it again.")
    with _Issues(endpoint, token) as issues:
        return issues.read(issue.repository, issue.number).encode("utf-8", "replace")


def _site(address: str) -> str:
    """Return the host of an address, that of the web site where it is an API's."""
    host = _HOST.match(address.lower())
    return host[1].removeprefix("www.").removeprefix("api.") if host else ""


def _raw(source: str) -> str:
    """Return the address of the text behind GitHub's page of a file or a gist."""
    if page := _FILE_PAGE.match(source):
        return f"https://raw.githubusercontent.com/{page[1]}/{page[2]}"
    if gist := _GIST.fullmatch(source):
        return f"https://gist.github.com/{gist[1]}/raw"
    return source


def _text(source: str, policy: "NetworkPolicy | None") -> bytes:
    from firstmile.study.reading.cache import Cache
    from firstmile.study.reading.fetching import fetch
    from firstmile.study.reading.network import NetworkPolicy

    allowed = policy or NetworkPolicy(
        max_bytes=LARGEST, max_seconds=MOST_SECONDS, max_redirects=MOST_REDIRECTS
    )
    with tempfile.TemporaryDirectory(prefix="firstmile-") as folder:
        cache = Cache(Path(folder))
        download, _ = fetch(source, cache, allowed)
        if (download.content_type or "").lower().startswith(("text/html", "application/xhtml")):
            raise UserError(
                f"{_shown(download.url)} is a web page and no log: give the address of the plain "
                "text, often called raw."
            )
        return cache.path(download).read_bytes()


class _Issues:
    """Reads issues through GitHub's REST API."""

    def __init__(self, endpoint: "Endpoint", token: str) -> None:
        import httpx

        from firstmile import __version__
        from firstmile.study.github.transport import CheckedTransport

        policy = replace(endpoint.policy, max_bytes=LARGEST, max_seconds=MOST_SECONDS)
        host = urlsplit(endpoint.rest).hostname or ""
        self._endpoint, self._token, self._left = endpoint, token, LARGEST
        self._client = httpx.Client(
            transport=CheckedTransport(policy, host, secure=not endpoint.local),
            headers={
                "Accept": "application/vnd.github+json",
                "Accept-Encoding": "identity",
                "User-Agent": f"firstmile/{__version__}",
            },
            follow_redirects=False,
        )

    def __enter__(self) -> "_Issues":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def read(self, repository: str, number: int) -> str:
        """Return title, text and comments of an issue, as a person would paste them."""
        place = f"{self._endpoint.rest}/repos/{repository}/issues/{number}"
        issue = self._get(place)
        if not isinstance(issue, dict) or not isinstance(issue.get("title"), str):
            raise self._no_issue()
        parts = [issue["title"], _words(issue)]
        if issue.get("comments"):
            stated = issue.get("comments_url")
            if isinstance(stated, str) and self._endpoint.holds(stated):
                # Where an issue was moved, its comments went along.
                place = stated.removesuffix("/comments")
            parts += self._comments(f"{place}/comments")
        return "\n\n".join(part for part in parts if part.strip()) + "\n"

    def _comments(self, place: str) -> Iterator[str]:
        for page in range(1, MOST_PAGES + 1):
            found = self._get(f"{place}?per_page=100&page={page}")
            if not isinstance(found, list):
                raise self._no_issue()
            yield from (_words(one) for one in found if isinstance(one, dict))
            if len(found) < 100:
                return

    def _get(self, url: str) -> Any:
        import httpx

        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        for _ in range(MOST_REDIRECTS + 1):
            try:
                status, moved, body = self._exchange(url, headers)
            except httpx.HTTPError as error:
                raise UserError(
                    f"GitHub ({self._endpoint.host}) could not be asked "
                    f"({visible(str(error)) or type(error).__name__}): try again later, or copy "
                    "the issue into a file."
                ) from error
            if status not in _MOVED or not moved:
                return self._read(status, body)
            url, headers = urljoin(url, moved), {}
            if not self._endpoint.holds(url):
                raise UserError(
                    f"GitHub ({self._endpoint.host}) sends on to another server: give the "
                    "issue's own address."
                )
        raise UserError(f"GitHub ({self._endpoint.host}) sends on too often: try again later.")

    def _exchange(self, url: str, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        with self._client.stream("GET", url, headers=dict(headers)) as response:
            body = bytearray()
            for block in response.iter_bytes(65_536):
                body += block
                if len(body) > self._left:
                    raise UserError(
                        f"The issue is larger than {LARGEST >> 20} MiB: copy what matters "
                        "into a file."
                    )
            self._left -= len(body)
            return response.status_code, response.headers.get("location", ""), bytes(body)

    def _read(self, status: int, body: bytes) -> Any:
        if status == 200:
            try:
                return json.loads(body)
            except (ValueError, RecursionError):
                raise self._no_issue() from None
        where = f"GitHub ({self._endpoint.host})"
        if status == 401:
            raise UserError(f"{where} refuses the token in {TOKEN}: make a new one, or unset it.")
        if status in _LIMITED:
            more = "try again later" if self._token else f"put a token into {TOKEN}, or wait"
            raise UserError(f"{where} answers no more questions for now ({status}): {more}.")
        if status == 404:
            private = "" if self._token else f", unless it is private: then {TOKEN} must see it"
            raise UserError(f"{where} has no such issue{private}.")
        if status == 410:
            raise UserError(f"{where} says that the issue was deleted.")
        raise UserError(f"{where} answered {status}: try again later.")

    def _no_issue(self) -> UserError:
        return UserError(f"GitHub ({self._endpoint.host}) answered with something else: try again.")


def _words(written: Mapping[str, Any]) -> str:
    """Return what was written, with line ends as logs have them."""
    body = written.get("body")
    return body.replace("\r\n", "\n") if isinstance(body, str) else ""


def _shown(address: str) -> str:
    return visible(address if len(address) <= 160 else f"{address[:159]}…")
